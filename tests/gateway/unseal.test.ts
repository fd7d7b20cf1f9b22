import { createCipheriv, randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { sealedPartAad } from '#contract/wire.ts';
import { openSealedPart } from '#gateway/intake/unseal.ts';

/** A zstd frame (RFC 8878, 3.1.1) of one raw block, whose header asks for a window of 2^windowLog bytes. */
function rawFrame(content: Buffer, windowLog: number): Buffer {
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | 1, 0, 3);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (windowLog - 10) << 3]), block, content]);
}

test('a personal part that wants a huge window is refused, and one of 8 MiB is opened', () => {
  const entry = { suite: 'standard', terminal: randomUUID(), id: randomUUID(), kind: 'case' } as const;
  const [key, nonce] = [randomBytes(32), randomBytes(12)];
  const opened = (windowLog: number) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(Buffer.from(sealedPartAad(entry.terminal, entry.id, entry.kind)));
    const frame = rawFrame(Buffer.from('{"card":{}}'), windowLog);
    const data = Buffer.concat([cipher.update(frame), cipher.final(), cipher.getAuthTag()]).toString('base64url');
    return openSealedPart(entry, { dict: 1, caseKey: randomUUID(), nonce: nonce.toString('base64url'), data }, key);
  };
  expect(opened(23)).toEqual({ ok: true, value: { card: {} } });
  expect(opened(24)).toEqual({ ok: false, error: 'seal' });
});
