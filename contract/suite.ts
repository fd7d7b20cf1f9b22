import { z } from 'zod';

/**
 * Which algorithms a terminal signs, hashes and seals with: the ones that the whole world uses, or those of the state (国密, GM/T).
 * Chosen before the enrolment and never after it; a gateway serves terminals of both.
 */
export const Suite = z.enum(['standard', 'national']);
export type Suite = z.infer<typeof Suite>;

/** What a suite's algorithms look like on the wire; how they compute stands on each side. */
export const suites = {
  /** Ed25519 (RFC 8032), SHA-256, HPKE with X25519 (RFC 9180), AES-256-GCM. */
  standard: {
    /** `alg` of signatures (RFC 9421). */
    alg: 'ed25519',
    /** Key of `Content-Digest` (RFC 9530). */
    digest: 'sha-256',
    /** OpenSSL's name of the hash of bodies, entries and contents: 32 bytes in both suites. */
    hash: 'sha256',
    /** Bytes of a day key and of a case key. */
    keyBytes: 32,
    /** A public key as it travels, in base64url: raw, 32 bytes; the bits behind the last one are zero, so that a key has one text. */
    publicKey: /^[\w-]{42}[AEIMQUYcgkosw048]$/,
  },
  /**
   * SM2 (GB/T 32918), SM3 (GB/T 32905), SM4-GCM (GB/T 32907, RFC 8998). The registries of RFC 9421 and RFC 9530 know none of them:
   * `alg` is TLS's name of this signature (RFC 8998), and the digest is SM3 too, because a signature over another's digest would
   * rest on that.
   */
  national: {
    alg: 'sm2sig_sm3',
    digest: 'sm3',
    hash: 'sm3',
    keyBytes: 16,
    /** The uncompressed point, 65 bytes of which the first is 4; the bits behind the last one are zero here too. */
    publicKey: /^B[A-P][\w-]{84}[AEIMQUYcgkosw048]$/,
  },
} as const;

/** The suite that a public key's form belongs to; null for what is none. */
export function suiteOfPublicKey(raw: string): Suite | null {
  return Suite.options.find((suite) => suites[suite].publicKey.test(raw)) ?? null;
}
