import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Sensitive } from '#contract/sensitive.ts';

describe('personal data', () => {
  const name = '测试甲';

  it('does not print, serialise or show in an inspector', () => {
    const person = new Sensitive({ name });
    for (const text of [
      String(person),
      JSON.stringify({ person }),
      inspect({ person }, { depth: 9, showHidden: true }),
    ]) {
      expect(text).not.toContain(name);
      expect(text).toContain('[personal data]');
    }
    expect(person.reveal().name).toBe(name);
  });

  it('is gone after the wipe, and its bytes are overwritten in place', () => {
    const bytes = new TextEncoder().encode(name);
    const secret = new Sensitive(bytes);
    secret.wipe();
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(() => secret.reveal()).toThrow('wiped');
  });
});
