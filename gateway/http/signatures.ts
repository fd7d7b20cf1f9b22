/** Checks requests and signs answers: RFC 9530 digests and RFC 9421 signatures, in the contract's form (sync.md, The wire). */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { err, ok, type Result } from '#contract/result.ts';
import {
  contentDigest,
  parseSignatureInput,
  requestSignature,
  responseSignature,
  SIGNATURE_LABEL,
  type SignedRequest,
} from '#contract/wire.ts';
import type { GatewayKey } from '../identity/keys.ts';

/** How far a request's clock may be from ours. */
const CLOCK_TOLERANCE_S = 5 * 60;

export function digestOf(body: Uint8Array | string): string {
  return contentDigest(createHash('sha256').update(body).digest('base64'));
}

export interface SignatureHeaders {
  readonly signatureInput: string | undefined;
  readonly signature: string | undefined;
}

/** The nonce that the answer repeats; null when the request names none in our form. */
export function nonceOf(signatureInput: string | undefined): string | null {
  return (signatureInput === undefined ? null : parseSignatureInput(signatureInput))?.nonce ?? null;
}

/** @param publicKey the terminal's, raw in base64url. */
export function checkRequest(
  request: SignedRequest,
  headers: SignatureHeaders,
  publicKey: string,
  now: Date,
): Result<undefined, 'signature' | 'clock'> {
  const given = headers.signatureInput === undefined ? null : parseSignatureInput(headers.signatureInput);
  const bytes = /^yichuang=:([A-Za-z0-9+/]{86}==):$/.exec(headers.signature ?? '')?.[1];
  if (!given || bytes === undefined || given.keyid !== request.terminal) return err('signature');
  const expected = requestSignature(request, given);
  if (expected.input !== given.input) return err('signature');
  if (!verify(null, Buffer.from(expected.base), ed25519(publicKey), Buffer.from(bytes, 'base64'))) {
    return err('signature');
  }
  const offset = Math.abs(now.getTime() / 1000 - given.created);
  return offset > CLOCK_TOLERANCE_S ? err('clock') : ok();
}

/** The headers of a signed answer; `created` is the gateway's time, bound to the request by its nonce. */
export function answerHeaders(status: number, body: string, nonce: string, key: GatewayKey, now: Date) {
  const digest = digestOf(body);
  const created = Math.floor(now.getTime() / 1000);
  const { input, base } = responseSignature(status, digest, { created, nonce, keyid: 'gateway' });
  return {
    'content-digest': digest,
    'signature-input': `${SIGNATURE_LABEL}=${input}`,
    signature: `${SIGNATURE_LABEL}=:${key.sign(base).toString('base64')}:`,
  };
}

function ed25519(raw: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' });
}
