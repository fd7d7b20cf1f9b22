/** HTTP message signatures (RFC 9421) and digests (RFC 9530) in the one form that the wire takes; nothing here computes. */
import { Suite, suites } from './suite.ts';

export interface SignatureParameters {
  /** Told by `alg`. */
  readonly suite: Suite;
  /** Seconds since 1970. */
  readonly created: number;
  readonly nonce: string;
  /** The terminal's id; `gateway` in answers. */
  readonly keyid: string;
}

/** Header that names the terminal; it is signed. */
export const TERMINAL_HEADER = 'yichuang-terminal';

export interface SignedRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** With its `?`; `?` alone when there is none (RFC 9421, 2.2.7). */
  readonly query: string;
  readonly terminal: string;
  /** The `Content-Digest` header; null for a request without a body. */
  readonly contentDigest: string | null;
}

function parameters(components: readonly string[], p: SignatureParameters): string {
  return `(${components.join(' ')});created=${p.created};nonce="${p.nonce}";keyid="${p.keyid}";alg="${suites[p.suite].alg}"`;
}

/** @returns the `Signature-Input` value without its label, and the base to sign (RFC 9421, 2.5). */
export function requestSignature(request: SignedRequest, p: SignatureParameters): { input: string; base: string } {
  const lines: [string, string][] = [
    ['"@method"', request.method],
    ['"@path"', request.path],
    ['"@query"', request.query],
    [`"${TERMINAL_HEADER}"`, request.terminal],
  ];
  if (request.contentDigest !== null) lines.push(['"content-digest"', request.contentDigest]);
  return signature(lines, p);
}

/**
 * The gateway signs its answers with the request's nonce and terminal (RFC 9421, 2.4), so that nobody between can acknowledge for it: without
 * the terminal, another one's own batch under that nonce would do.
 */
export function responseSignature(
  status: number,
  contentDigest: string,
  terminal: string,
  p: SignatureParameters,
): { input: string; base: string } {
  return signature(
    [
      ['"@status"', String(status)],
      ['"content-digest"', contentDigest],
      [`"${TERMINAL_HEADER}";req`, terminal],
    ],
    p,
  );
}

/** @param lines components as they are written (RFC 9421, 2), with their values */
function signature(lines: readonly [string, string][], p: SignatureParameters): { input: string; base: string } {
  const input = parameters(
    lines.map(([name]) => name),
    p,
  );
  const base = [...lines.map(([name, value]) => `${name}: ${value}`), `"@signature-params": ${input}`].join('\n');
  return { input, base };
}

/** `Content-Digest` of a hash that is given in standard base64 (RFC 9530, 2). */
export function contentDigest(suite: Suite, hashBase64: string): string {
  return `${suites[suite].digest}=:${hashBase64}:`;
}

/** The label of the only signature in `Signature` and `Signature-Input`. */
export const SIGNATURE_LABEL = 'yichuang';

const INPUT =
  /^yichuang=(\((?:"[a-z@-]+"(?:;req)?(?: "[a-z@-]+"(?:;req)?)*)?\);created=(\d{1,12});nonce="([A-Za-z0-9_-]{16,64})";keyid="([A-Za-z0-9-]{1,64})";alg="([a-z0-9_]{1,16})")$/;

/** Reads `Signature-Input`; null when it isn't exactly of our form. The input must equal what the base is built from. */
export function parseSignatureInput(header: string): (SignatureParameters & { readonly input: string }) | null {
  const match = INPUT.exec(header);
  const suite = Suite.options.find((option) => suites[option].alg === match?.[5]);
  if (!match?.[1] || !match[3] || !match[4] || !suite) return null;
  return { input: match[1], suite, created: Number(match[2]), nonce: match[3], keyid: match[4] };
}
