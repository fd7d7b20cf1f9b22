import crypto, { randomBytes } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { PIN_HASH } from '#contract/configuration.ts';
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

  it('has the form that terminal.yaml takes', async () => {
    expect(await hashPin('1234', random)).toMatch(PIN_HASH);
  });

  it('fits nothing when it cannot be computed', async () => {
    const hash = await hashPin('1234', random, cheap);
    const scrypt = vi.spyOn(crypto, 'scrypt').mockImplementation((...given: unknown[]) => {
      (given.at(-1) as (error: Error) => void)(new Error('no memory'));
    });
    syncBuiltinESMExports();
    onTestFinished(() => {
      scrypt.mockRestore();
      syncBuiltinESMExports();
    });
    expect(await verifyPin('1234', hash)).toBe(false);
    expect(scrypt).toHaveBeenCalledOnce();
  });

  it.each([
    '',
    'plain',
    'scrypt$1024$8$1$short$x',
    'scrypt$99999999$999$1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',
    `scrypt$65000$8$1$${'s'.repeat(22)}$${'h'.repeat(43)}`,
  ])('of another form fits nothing: %s', async (stored) => expect(await verifyPin('1234', stored)).toBe(false));
});
