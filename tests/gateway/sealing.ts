/** A terminal's sealing, written from its description alone with node:crypto: HPKE by hand, to check the gateway's library. */
import {
  createCipheriv,
  createHash,
  createHmac,
  createPublicKey,
  encapsulate,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import type { Identity } from '#contract/configuration.ts';
import { dictionaries } from '#contract/dictionaries.ts';
import { type EntryKind, type SealedPart, type WireEntry, type WrappedKey } from '#contract/wire.ts';
import type { Journal } from './client.ts';
import { sm2Encrypt, sm4GcmSeal } from './national.ts';

const KEY_BYTES = { standard: 32, national: 16 };

export const PERSON = { name: '王秀英', number: '120103195002280004', phone: '13800001111' };

export const CASE_SEALED = {
  card: { kind: 'resident', name: PERSON.name, number: PERSON.number, address: '天津市河西区友谊路街道1号楼' },
  answers: { phone: PERSON.phone, purpose: 'school' },
  signature: { height: 400, strokes: [[1, 2, 3, 4]] },
};

interface DayKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Adds entries to a journal, with bodies as a terminal writes them. */
export class Writer {
  readonly #identity: Identity;
  readonly #journal: Journal;

  constructor(identity: Identity, journal: Journal) {
    this.#identity = identity;
    this.#journal = journal;
  }

  dayKey(): { entry: WireEntry; dayKey: DayKey } {
    const { suite, terminalId, districtKey, districtKeyId } = this.#identity;
    const dayKey = { id: randomUUID(), key: randomBytes(KEY_BYTES[suite]) };
    const info = `yichuang-day-key-1\n${terminalId}\n${dayKey.id}`;
    const sealed =
      suite === 'national' ? sm2Seal(districtKey, info, dayKey.key) : hpkeSeal(districtKey, info, dayKey.key);
    return { entry: this.plain('key', { dayKey: dayKey.id, districtKeyId, ...sealed }), dayKey };
  }

  plain(kind: EntryKind, open: object, sealed: object | null = null): WireEntry {
    const body = Buffer.from(JSON.stringify({ v: 1, open, sealed }));
    return this.#journal.add({ id: randomUUID(), kind, body, keys: [] });
  }

  case(
    dayKey: DayKey,
    bend: { content?: object; open?: object; sealedFor?: string; caseKey?: DayKey } = {},
  ): WireEntry & { case: string } {
    const id = randomUUID();
    const caseId = randomUUID();
    const { part, key } = this.seal(bend.sealedFor ?? id, dayKey, bend.content ?? CASE_SEALED, bend.caseKey);
    const open = {
      case: caseId,
      receiptNumber: '120103-000101-260302-0001-5',
      item: 'residence-certificate',
      offline: 'S',
      acceptedAt: '2026-03-02T09:30:00+08:00',
      answers: {},
      ...bend.open,
    };
    const body = Buffer.from(JSON.stringify({ v: 1, open, sealed: part }));
    return { ...this.#journal.add({ id, kind: 'case', body, keys: [key] }), case: caseId };
  }

  /** A key of the terminal's suite, by chance. */
  newKey(): DayKey {
    return { id: randomUUID(), key: randomBytes(KEY_BYTES[this.#identity.suite]) };
  }

  seal(
    entryId: string,
    dayKey: DayKey,
    content: object,
    caseKey = this.newKey(),
  ): { part: SealedPart; key: WrappedKey } {
    const { suite, terminalId: terminal } = this.#identity;
    const gcm = suite === 'national' ? sm4Gcm : aesGcm;
    const packed = zstdCompressSync(Buffer.from(JSON.stringify(content)), {
      dictionary: Buffer.from(dictionaries[1].data),
    });
    return {
      part: {
        dict: 1,
        caseKey: caseKey.id,
        ...gcm(caseKey.key, packed, `yichuang-body-1\n${terminal}\n${entryId}\ncase`),
      },
      key: {
        caseKey: caseKey.id,
        dayKey: dayKey.id,
        ...gcm(dayKey.key, caseKey.key, `yichuang-case-key-1\n${terminal}\n${caseKey.id}\n${dayKey.id}`),
      },
    };
  }
}

/** The members that {@link Writer.case} adds for the test's own use don't travel. */
export function onWire(given: WireEntry & { case: string }): WireEntry {
  const { case: _, ...entry } = given;
  return entry;
}

function aesGcm(key: Buffer, plain: Uint8Array, aad: string, nonce = randomBytes(12)): { nonce: string; data: string } {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(aad));
  const data = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { nonce: nonce.toString('base64url'), data: data.toString('base64url') };
}

function sm4Gcm(key: Buffer, plain: Uint8Array, aad: string): { nonce: string; data: string } {
  const nonce = randomBytes(12);
  const { ciphertext, tag } = sm4GcmSeal(key, nonce, plain, Buffer.from(aad));
  return { nonce: nonce.toString('base64url'), data: Buffer.concat([ciphertext, tag]).toString('base64url') };
}

/** SM2 encryption of the key and the SM3 of what it is bound to. */
function sm2Seal(publicKey: string, info: string, key: Uint8Array): { enc: string; data: string } {
  const bound = Buffer.concat([key, createHash('sm3').update(info).digest()]);
  const sealed = sm2Encrypt(bound, Buffer.from(publicKey, 'base64url'));
  return { enc: sealed.subarray(0, 65).toString('base64url'), data: sealed.subarray(65).toString('base64url') };
}

/** RFC 9180, base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; one message, no associated data. */
function hpkeSeal(publicKey: string, info: string, plain: Uint8Array): { enc: string; data: string } {
  const recipient = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: publicKey }, format: 'jwk' });
  const { sharedKey, ciphertext } = encapsulate(recipient);
  const suite = Buffer.concat([Buffer.from('HPKE'), Buffer.from([0, 0x20, 0, 0x01, 0, 0x02])]);
  const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest();
  const extract = (salt: Uint8Array, label: string, ikm: Uint8Array) =>
    hmac(salt, Buffer.concat([Buffer.from('HPKE-v1'), suite, Buffer.from(label), ikm]));
  const expand = (prk: Uint8Array, label: string, context: Uint8Array, length: number) => {
    const labelled = [Buffer.from([0, length]), Buffer.from('HPKE-v1'), suite, Buffer.from(label), context];
    return hmac(prk, Buffer.concat([...labelled, Buffer.from([1])])).subarray(0, length);
  };
  const empty = Buffer.alloc(0);
  const context = Buffer.concat([
    Buffer.from([0]),
    extract(empty, 'psk_id_hash', empty),
    extract(empty, 'info_hash', Buffer.from(info)),
  ]);
  const secret = extract(sharedKey, 'secret', empty);
  const key = expand(secret, 'key', context, 32);
  const nonce = expand(secret, 'base_nonce', context, 12);
  return { enc: ciphertext.toString('base64url'), data: aesGcm(key, plain, '', nonce).data };
}
