/**
 * SM2 (GB/T 32918) under OpenSSL's keys. Node makes and checks the keys but can't sign with them: with a key that it made it signs by
 * ECDSA on SM2's curve, and with one that it read by SM2 without a distinguishing identifier. So the library computes.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { sm2 } from 'sm-crypto-v2';

/** What stands before the 65 bytes of a public point in DER (SubjectPublicKeyInfo: id-ecPublicKey, 1.2.156.10197.1.301). */
const SPKI = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d034200', 'hex');
/** What stands before the 32 bytes of a private key in DER (PKCS #8 around RFC 5915). */
const PKCS8 = Buffer.from('308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420', 'hex');
/** The order of the curve's group (GB/T 32918.5). */
const ORDER = BigInt('0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123');
/** The distinguishing identifier where none is agreed (GM/T 0009, 10). */
const USER_ID = '1234567812345678';

const POINT_BYTES = 65;
const NUMBER_BYTES = 32;
/** The library's name of the order in which the standard writes a ciphertext. */
const C1C3C2 = 1;

export function newSm2Key(): KeyObject {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' });
  return createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

/** Node gives an SM2 key that it read no type, so that only its bytes tell. */
export function isSm2(key: KeyObject): boolean {
  return key.asymmetricKeyType === undefined && spkiOf(key).subarray(0, SPKI.length).equals(SPKI);
}

/** The public point, uncompressed: 65 bytes. */
export function sm2Point(key: KeyObject): Uint8Array {
  return spkiOf(key).subarray(-POINT_BYTES);
}

/** @throws Error when the bytes are no point of the curve. */
export function sm2PublicKey(point: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI, point]), format: 'der', type: 'spki' });
}

/** SM2 with SM3; r and s, 64 bytes. */
export function sm2Sign(data: Uint8Array, key: KeyObject): Uint8Array {
  const secret = key.export({ type: 'pkcs8', format: 'der' }).subarray(PKCS8.length, PKCS8.length + NUMBER_BYTES);
  const publicKey = hex(sm2Point(key));
  const signature = sm2.doSignature(data, hex(secret), { hash: true, publicKey, userId: USER_ID });
  secret.fill(0);
  return Buffer.from(signature, 'hex');
}

export function sm2Verify(data: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  const numbers = [signature.subarray(0, NUMBER_BYTES), signature.subarray(NUMBER_BYTES)];
  // The standard asks for it (GB/T 32918.2, 7.1, B1 and B2), and the library leaves it out.
  if (signature.length !== 2 * NUMBER_BYTES || !numbers.every(isWithinOrder)) return false;
  return sm2.doVerifySignature(data, hex(signature), hex(sm2Point(key)), { hash: true, userId: USER_ID });
}

/** SM2 encryption (GB/T 32918.4): C1 as an uncompressed point, C3 and C2 behind it. */
export function sm2Encrypt(plain: Uint8Array, key: KeyObject): Uint8Array {
  // The library leaves out the 4 before an uncompressed point.
  return Buffer.from(`04${sm2.doEncrypt(plain, hex(sm2Point(key)), C1C3C2)}`, 'hex');
}

function spkiOf(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'der' });
}

function isWithinOrder(bytes: Uint8Array): boolean {
  const number = BigInt(`0x${hex(bytes)}`);
  return number > 0n && number < ORDER;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
