/** Checks requests and signs answers: RFC 9530 digests and RFC 9421 signatures, in the contract's form (sync.md, The wire). */
import { err, ok, type Result } from '#contract/result.ts';
import {
  contentDigest,
  parseSignatureInput,
  requestSignature,
  responseSignature,
  SIGNATURE_LABEL,
  type SignatureParameters,
  type SignedRequest,
} from '#contract/signatures.ts';
import type { Suite } from '#contract/suite.ts';
import type { GatewayKeys } from '../identity/keys.ts';
import type { Terminal } from '../store/store.ts';
import { hashOf, isSigned } from '../suite/suite.ts';

/** How far a request's clock may be from ours. */
const CLOCK_TOLERANCE_S = 5 * 60;

export function digestOf(suite: Suite, body: Uint8Array | string): string {
  return contentDigest(suite, hashOf(suite, body).toString('base64'));
}

export interface SignatureHeaders {
  readonly signatureInput: string | undefined;
  readonly signature: string | undefined;
}

/** What the answer repeats, the nonce and the terminal, and follows, the suite; null when the request is not signed in our form. */
type Asked = Pick<SignatureParameters, 'nonce' | 'suite' | 'keyid'>;

export function askedBy(signatureInput: string | undefined): Asked | null {
  return signatureInput === undefined ? null : parseSignatureInput(signatureInput);
}

/** Only the suite with which the terminal was enrolled counts, whatever the request says of itself. */
export function checkRequest(
  request: SignedRequest,
  headers: SignatureHeaders,
  { suite, publicKey }: Pick<Terminal, 'suite' | 'publicKey'>,
  now: Date,
): Result<undefined, 'signature' | 'clock'> {
  const given = headers.signatureInput === undefined ? null : parseSignatureInput(headers.signatureInput);
  const bytes = /^yichuang=:([A-Za-z0-9+/]{86}==):$/.exec(headers.signature ?? '')?.[1];
  if (!given || bytes === undefined || given.keyid !== request.terminal) return err('signature');
  if (given.suite !== suite) return err('signature');
  const expected = requestSignature(request, given);
  if (expected.input !== given.input) return err('signature');
  if (!isSigned(suite, expected.base, Buffer.from(bytes, 'base64'), publicKey)) return err('signature');
  const offset = Math.abs(now.getTime() / 1000 - given.created);
  return offset > CLOCK_TOLERANCE_S ? err('clock') : ok();
}

/** The headers of a signed answer; `created` is the gateway's time, bound to the request by its nonce. None without the key of that time. */
export function answerHeaders(
  status: number,
  body: Uint8Array | string,
  { nonce, suite, keyid: terminal }: Asked,
  keys: GatewayKeys,
  now: Date,
) {
  const created = Math.floor(now.getTime() / 1000);
  const key = keys[suite].at(new Date(created * 1000));
  if (!key) return {};
  const digest = digestOf(suite, body);
  const { input, base } = responseSignature(status, digest, terminal, { suite, created, nonce, keyid: 'gateway' });
  return {
    'content-digest': digest,
    'signature-input': `${SIGNATURE_LABEL}=${input}`,
    signature: `${SIGNATURE_LABEL}=:${key.sign(base).toString('base64')}:`,
  };
}
