import type { KeyObject } from 'node:crypto';
import {
  contentDigest,
  parseSignatureInput,
  requestSignature,
  responseSignature,
  SIGNATURE_LABEL,
  TERMINAL_HEADER,
} from '#contract/signatures.ts';
import type { Suite } from '#contract/suite.ts';
import { hashOf, signText, textIsSigned } from '../suite/suite.ts';

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** With its `?`, or `?` alone. */
  readonly query: string;
  /** The content as it goes out, after its coding. */
  readonly content: Uint8Array | null;
  /** Told when it is being written to the line, which may be several turns after it was asked for. */
  readonly onOut?: () => void;
}

/** The headers that make a request ours: digest (RFC 9530) and signature (RFC 9421). */
export function signedHeaders(
  request: OutgoingRequest,
  by: {
    readonly suite: Suite;
    readonly terminal: string;
    readonly key: KeyObject;
    readonly now: Date;
    readonly nonce: string;
  },
): Record<string, string> {
  const digest = request.content === null ? null : digestOf(by.suite, request.content);
  const { input, base } = requestSignature(
    { method: request.method, path: request.path, query: request.query, terminal: by.terminal, contentDigest: digest },
    { suite: by.suite, created: Math.floor(by.now.getTime() / 1000), nonce: by.nonce, keyid: by.terminal },
  );
  return {
    [TERMINAL_HEADER]: by.terminal,
    ...(digest === null ? {} : { 'content-digest': digest }),
    'signature-input': `${SIGNATURE_LABEL}=${input}`,
    signature: `${SIGNATURE_LABEL}=:${Buffer.from(signText(base, by.key)).toString('base64')}:`,
  };
}

export interface IncomingAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly content: Uint8Array;
}

/**
 * Whether the gateway itself gave this answer to this very request, and in this terminal's suite.
 * @returns the gateway's time of signing; null when anyone else may have written the answer.
 */
export function verifiedTime(
  answer: IncomingAnswer,
  expected: {
    suite: Suite;
    /** The key that signs at a time, if one is believed for it. */
    gateway: (created: Date) => KeyObject | null;
    nonce: string;
    terminal: string;
  },
): Date | null {
  const given = parseSignatureInput(answer.header('signature-input') ?? '');
  const signature = /^yichuang=:([A-Za-z0-9+/]{86}==):$/.exec(answer.header('signature') ?? '')?.[1];
  if (!given || signature === undefined || given.nonce !== expected.nonce) return null;
  if (given.suite !== expected.suite) return null;
  const digest = digestOf(given.suite, answer.content);
  if (answer.header('content-digest') !== digest) return null;
  const { input, base } = responseSignature(answer.status, digest, expected.terminal, given);
  if (input !== given.input) return null;
  const created = new Date(given.created * 1000);
  const key = expected.gateway(created);
  return key && textIsSigned(base, Buffer.from(signature, 'base64'), key) ? created : null;
}

function digestOf(suite: Suite, content: Uint8Array): string {
  return contentDigest(suite, hashOf(suite, content).toString('base64'));
}
