/**
 * SM2 and SM4-GCM a second time, written from the standards' formulas alone and with no thought of speed or of anybody who measures
 * it, so that what the product computes is checked by something else. SM3 and SM4's block are OpenSSL's.
 */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';

// -- SM2 (GB/T 32918.5: the recommended curve; 32918.2: signature; 32918.4: encryption) ---------------------------------

const P = BigInt('0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff');
const A = P - 3n;
const B = BigInt('0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93');
export const N = BigInt('0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123');

type Point = readonly [x: bigint, y: bigint] | null;

const G: Point = [
  BigInt('0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7'),
  BigInt('0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0'),
];

export function sm2Pair(secret = randomScalar()): { secret: bigint; point: Buffer } {
  return { secret, point: encoded(times(secret, G)) };
}

/** @param k the random number of this signature, for published examples */
export function sm2Sign(data: Uint8Array, secret: bigint, k?: bigint, id = '1234567812345678'): Buffer {
  const e = digest(data, sm2Pair(secret).point, id);
  for (;;) {
    const random = k ?? randomScalar();
    const r = mod(e + x(times(random, G)), N);
    const s = mod(inverse(1n + secret, N) * (random - r * secret), N);
    if (r !== 0n && r + random !== N && s !== 0n) return Buffer.concat([bytes(r), bytes(s)]);
  }
}

export function sm2Verify(data: Uint8Array, signature: Uint8Array, point: Uint8Array, id?: string): boolean {
  const [r, s] = [number(signature.subarray(0, 32)), number(signature.subarray(32))];
  const t = mod(r + s, N);
  if (signature.length !== 64 || r < 1n || r >= N || s < 1n || s >= N || t === 0n) return false;
  return mod(digest(data, point, id) + x(plus(times(s, G), times(t, decoded(point)))), N) === r;
}

/** C1, C3, C2. @param k as in {@link sm2Sign} */
export function sm2Encrypt(plain: Uint8Array, point: Uint8Array, k = randomScalar()): Buffer {
  const shared = encoded(times(k, decoded(point))).subarray(1);
  const c2 = xor(plain, kdf(shared, plain.length));
  return Buffer.concat([encoded(times(k, G)), sm3(shared.subarray(0, 32), plain, shared.subarray(32)), c2]);
}

export function sm2Decrypt(sealed: Uint8Array, secret: bigint): Buffer | null {
  const [c1, c3, c2] = [sealed.subarray(0, 65), sealed.subarray(65, 97), sealed.subarray(97)];
  const shared = encoded(times(secret, decoded(c1))).subarray(1);
  const plain = xor(c2, kdf(shared, c2.length));
  return sm3(shared.subarray(0, 32), plain, shared.subarray(32)).equals(c3) ? plain : null;
}

function digest(data: Uint8Array, point: Uint8Array, id = '1234567812345678'): bigint {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(id.length * 8);
  const z = sm3(length, Buffer.from(id), bytes(A), bytes(B), encoded(G).subarray(1), point.subarray(1));
  return number(sm3(z, data));
}

function kdf(shared: Uint8Array, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(i + 1);
    return sm3(shared, counter);
  });
  return Buffer.concat(blocks).subarray(0, length);
}

function plus(p: Point, q: Point): Point {
  if (!p) return q;
  if (!q) return p;
  if (p[0] === q[0] && mod(p[1] + q[1], P) === 0n) return null;
  const slope =
    p[0] === q[0]
      ? mod((3n * p[0] * p[0] + A) * inverse(2n * p[1], P), P)
      : mod((q[1] - p[1]) * inverse(q[0] - p[0], P), P);
  const sum = mod(slope * slope - p[0] - q[0], P);
  return [sum, mod(slope * (p[0] - sum) - p[1], P)];
}

function times(k: bigint, point: Point): Point {
  let sum: Point = null;
  let doubled = point;
  for (let rest = k; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = plus(sum, doubled);
    doubled = plus(doubled, doubled);
  }
  return sum;
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, u, v] = [mod(value, modulus), modulus, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [u, v] = [v, u - quotient * v];
  }
  return mod(u, modulus);
}

function mod(value: bigint, modulus: bigint): bigint {
  return ((value % modulus) + modulus) % modulus;
}

function x(point: Point): bigint {
  return point?.[0] ?? 0n;
}

function randomScalar(): bigint {
  return (number(randomBytes(40)) % (N - 2n)) + 1n;
}

export function number(given: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(given).toString('hex')}`);
}

export function bytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
}

function encoded(point: Point): Buffer {
  return point ? Buffer.concat([Buffer.of(4), bytes(point[0]), bytes(point[1])]) : Buffer.of(0);
}

function decoded(point: Uint8Array): Point {
  return [number(point.subarray(1, 33)), number(point.subarray(33))];
}

function sm3(...parts: readonly Uint8Array[]): Buffer {
  return createHash('sm3').update(Buffer.concat(parts)).digest();
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)));
}

// -- SM4-GCM (RFC 8998; NIST SP 800-38D around SM4's block) --------------------------------------------------------------

/** @param nonce 12 bytes */
export function sm4GcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  plain: Uint8Array,
  aad: Uint8Array,
): { ciphertext: Buffer; tag: Buffer } {
  const counter = (n: number) => Buffer.concat([nonce, Buffer.of(0, 0, 0, n)]);
  const cipher = createCipheriv('sm4-ctr', key, counter(2));
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  const lengths = Buffer.alloc(16);
  lengths.writeUInt32BE(aad.length * 8, 4);
  lengths.writeUInt32BE(ciphertext.length * 8, 12);
  const hashed = ghash(sm4Block(key, Buffer.alloc(16)), [padded(aad), padded(ciphertext), lengths]);
  return { ciphertext, tag: xor(hashed, sm4Block(key, counter(1))) };
}

export function sm4Block(key: Uint8Array, block: Uint8Array): Buffer {
  return createCipheriv('sm4-ecb', key, null).setAutoPadding(false).update(block);
}

function padded(part: Uint8Array): Buffer {
  return Buffer.concat([part, Buffer.alloc((16 - (part.length % 16)) % 16)]);
}

/** SP 800-38D, 6.3 and 6.4: bit by bit. */
function ghash(h: Uint8Array, parts: readonly Uint8Array[]): Buffer {
  const all = Buffer.concat(parts);
  let y = 0n;
  for (let at = 0; at < all.length; at += 16) {
    let v = number(h);
    let z = 0n;
    const block = y ^ number(all.subarray(at, at + 16));
    for (let bit = 127n; bit >= 0n; bit -= 1n) {
      if ((block >> bit) & 1n) z ^= v;
      v = v & 1n ? (v >> 1n) ^ (0xe1n << 120n) : v >> 1n;
    }
    y = z;
  }
  return Buffer.from(y.toString(16).padStart(32, '0'), 'hex');
}
