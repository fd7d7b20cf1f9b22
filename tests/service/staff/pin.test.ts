import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashPin, verifyPin } from '#main/service/staff/pin.ts';

const random = { bytes: (n: number) => new Uint8Array(randomBytes(n)) };
const cheap = { N: 1024, r: 8, p: 1 };

describe('a PIN’s hash', () => {
  it('fits its PIN and no other', async () => {
    const hash = await hashPin('246810', random, cheap);
    expect(await verifyPin('246810', hash)).toBe(true);
    expect(await verifyPin('246811', hash)).toBe(false);
    expect(hash).not.toContain('246810');
  });

  it('is salted', async () => {
    expect(await hashPin('1234', random, cheap)).not.toBe(await hashPin('1234', random, cheap));
  });

  it('costs 64 MB by default', async () => {
    expect(await hashPin('1234', random)).toMatch(/^scrypt\$65536\$8\$1\$/);
  });

  it.each(['', 'plain', 'scrypt$1024$8$1$short$x', 'scrypt$99999999$999$1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA'])(
    'of another form fits nothing: %s',
    async (stored) => expect(await verifyPin('1234', stored)).toBe(false),
  );
});
