/** Which of the gateway's keys a terminal believes, over rotations, power cuts, and in wrong hands. */
import type { KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Successor, successorText } from '#contract/keys.ts';
import { GatewayTrust } from '#main/service/identity/gateway-trust.ts';
import { ensureTerminalKey, readIdentity, writeIdentity } from '#main/service/identity/identity.ts';
import { toBase64Url } from '#main/service/sealing/base64url.ts';
import { newKey, publicKeyOf, rawPublicKey, signText } from '#main/service/suite/suite.ts';
import { type Data, openData } from '../store/fixture.ts';

const at = (day: number) => new Date(Date.UTC(2026, 2, day));
const DATES = { first: at(10), second: at(20) } as const;

describe.each(['standard', 'national'] as const)('of the %s suite', (suite) => {
  let data: Data;
  let now: Date;
  let keys: [KeyObject, KeyObject, KeyObject];
  const raw = (n: 0 | 1 | 2) => rawPublicKey(keys[n]);

  function successor(by: KeyObject, key: KeyObject, from: Date, of = suite): Successor {
    const announced = { publicKey: rawPublicKey(key), from: from.toISOString() };
    const signature = toBase64Url(signText(successorText(of, rawPublicKey(by), announced), by));
    return { ...announced, signature };
  }
  const first = () => successor(keys[0], keys[1], DATES.first);
  const second = () => successor(keys[1], keys[2], DATES.second);

  /** The service starts on what the disk has. */
  function start(): GatewayTrust {
    const identity = readIdentity(data.folders.etc, suite);
    if (!identity.ok) throw new Error(identity.error.code);
    const { gatewayKey } = identity.value;
    return new GatewayTrust({ etc: data.folders.etc, suite, gatewayKey, store: data.store, now: () => now });
  }
  const believedAt = (trust: GatewayTrust, time: Date) => {
    const key = trust.keyAt(time);
    return key && ([0, 1, 2] as const).find((n) => publicKeyOf(raw(n)).equals(key));
  };

  beforeEach(() => {
    data = openData();
    now = at(5);
    keys = [newKey(suite), newKey(suite), newKey(suite)];
    mkdirSync(data.folders.etc, { recursive: true });
    ensureTerminalKey(data.folders.etc, suite);
    writeIdentity(data.folders.etc, {
      terminalId: '01890000-0000-7000-8000-0000000000aa',
      region: '120103',
      code: '0001',
      suite,
      districtKey: rawPublicKey(newKey(suite)),
      districtKeyId: 'district-1',
      gatewayKey: raw(0),
      epoch: 'epoch-1',
    });
  });
  const inFile = () =>
    (JSON.parse(readFileSync(join(data.folders.etc, 'identity.json'), 'utf8')) as { gatewayKey: string }).gatewayKey;

  it('believes the present key until the overlap ends, and its successor from then on, also after a start', () => {
    const trust = start();
    expect(trust.learn([first()])).toBe('newer');
    expect(trust.learn([first()])).toBe('nothing');
    for (const running of [trust, start()]) {
      expect(believedAt(running, at(9))).toBe(0);
      expect(believedAt(running, at(10))).toBe(1);
    }
    expect(trust.believed(at(9))).toBeNull();
    expect(inFile()).toBe(raw(0));
    now = at(11);
    expect(trust.believed(at(11))).toBe(raw(1));
    expect(inFile()).toBe(raw(1));
    expect(trust.believed(at(11))).toBeNull();
    // Whatever time it names: it is the former one now, after a start too.
    for (const running of [trust, start()]) expect(believedAt(running, at(9))).toBe(1);
  });

  it('believes a former key no more once its time is over, whatever time the answer names', () => {
    const trust = start();
    trust.learn([first()]);
    now = at(11);
    for (const running of [trust, start()]) expect(running.keyAt(at(9))).toBeNull();
    now = new Date(DATES.first.getTime() + 60_000);
    expect(believedAt(trust, at(9))).toBe(0);
  });

  it('finds its way over several rotations after a year', () => {
    now = at(25);
    const trust = start();
    expect(trust.learn([first(), second()])).toBe('newer');
    expect(believedAt(trust, at(25))).toBe(2);
    expect(trust.believed(at(25))).toBe(raw(2));
    // The whole list is told again, and once more without the newest, by a gateway that does not know it.
    const after = start();
    expect(after.learn([first(), second()])).toBe('nothing');
    expect(after.learn([first()])).toBe('forged');
    expect(believedAt(after, at(25))).toBe(2);
  });

  it('goes on from the key in the middle of the list', () => {
    const trust = start();
    trust.learn([first()]);
    now = at(15);
    trust.believed(at(15));
    expect(start().learn([first(), second()])).toBe('newer');
    now = at(25);
    expect(believedAt(start(), at(25))).toBe(2);
  });

  it('a power cut behind the identity leaves what the next start knows', () => {
    const trust = start();
    trust.learn([first(), second()]);
    now = at(15);
    trust.believed(at(15));
    // The store still tells of the key that signs already.
    expect(JSON.parse(data.store.meta('gateway-successors') ?? '')).toHaveLength(2);
    expect(believedAt(start(), at(15))).toBe(1);
    expect(believedAt(start(), at(20))).toBe(2);
  });

  const thief = newKey(suite);
  const other = suite === 'standard' ? 'national' : 'standard';
  it.each([
    ['signed by another key', () => [successor(thief, keys[1], DATES.first)]],
    ['of another gateway', () => [successor(thief, newKey(suite), DATES.first), second()]],
    ['of the other suite', () => [successor(keys[0], newKey(other), DATES.first)]],
    ['signed for the other suite', () => [successor(keys[0], keys[1], DATES.first, other)]],
    ['with another time than was signed', () => [{ ...first(), from: DATES.second.toISOString() }]],
    ['that leaves one out', () => [second()]],
    ['whose times go back', () => [first(), successor(keys[1], keys[2], at(1))]],
    ['with a torn signature', () => [{ ...first(), signature: 'A'.repeat(86) }]],
  ])('refuses a list %s', (_, list) => {
    const trust = start();
    expect(trust.learn(list())).toBe('forged');
    expect(data.store.meta('gateway-successors')).toBeNull();
    expect(believedAt(trust, at(25))).toBe(0);
  });

  it('refuses a second successor of one key: the first that was heard stands', () => {
    const trust = start();
    trust.learn([first()]);
    expect(trust.learn([successor(keys[0], keys[2], DATES.first)])).toBe('forged');
    expect(trust.learn([successor(keys[0], keys[1], DATES.second)])).toBe('forged');
    expect(trust.learn([])).toBe('nothing');
    expect(believedAt(trust, at(10))).toBe(1);
  });
});
