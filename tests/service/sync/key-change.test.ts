/** Another key takes the place of the terminal's, and the power may go and answers be lost at any moment. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { err, ok, type Result } from '#contract/result.ts';
import type { AuditEventName } from '#main/service/audit-events.ts';
import { ensureTerminalKey } from '#main/service/identity/identity.ts';
import { keyFile, OwnKeys, writeKey } from '#main/service/identity/own-keys.ts';
import { logTo } from '#main/service/log/log.ts';
import { Audit } from '#main/service/store/audit.ts';
import { newKey, rawPublicKey } from '#main/service/suite/suite.ts';
import type { ExchangeError, GatewayClient } from '#main/service/sync/client.ts';
import { KeyChange } from '#main/service/sync/key-change.ts';
import { ServerTime } from '#main/service/time/server-time.ts';
import { type Data, openData } from '../store/fixture.ts';

type Fate = 'answered' | 'request-lost' | 'answer-lost';
const DAY_MS = 86_400_000;
const LOST: ExchangeError = { code: 'unreachable', why: 'ECONNRESET' };
const UNKNOWN: ExchangeError = { code: 'refused', why: 'signature', detail: '' };

const alone = <T>(work: () => Promise<T>) => work();

/** What the gateway does with a question for another key, with the fate of each question. */
class District implements Pick<GatewayClient, 'changeKey'> {
  key: string;
  readonly fates: Fate[] = [];
  /** Given instead of the next answer. */
  refusal: ExchangeError | null = null;
  asked = 0;

  constructor(key: string) {
    this.key = key;
  }

  async changeKey(...[by, to]: Parameters<GatewayClient['changeKey']>): Promise<Result<unknown, ExchangeError>> {
    this.asked += 1;
    const fate = this.fates.shift() ?? 'answered';
    if (fate === 'request-lost') return err(LOST);
    const answer = this.#taken(rawPublicKey(by), rawPublicKey(to));
    return fate === 'answer-lost' ? err(LOST) : answer;
  }

  #taken(by: string, to: string): Result<unknown, ExchangeError> {
    if (this.refusal) return err(this.refusal);
    if (by !== this.key) return err(UNKNOWN);
    this.key = to;
    return ok();
  }
}

describe.each(['standard', 'national'] as const)('of the %s suite', (suite) => {
  let etc: string;
  let data: Data;
  let serverTime: ServerTime;
  let events: Record<string, unknown>[];
  let audit: Audit<AuditEventName>;
  beforeEach(() => {
    etc = mkdtempSync(join(tmpdir(), 'yc-keys-'));
    ensureTerminalKey(etc, suite);
    data = openData();
    serverTime = new ServerTime(null, () => undefined);
    events = [];
    audit = new Audit<AuditEventName>(data.store, data.time);
  });

  /** The service starts: it knows what stands on the disk. */
  function start(keyDays?: number) {
    const keys = OwnKeys.read(etc, suite);
    if (!keys) throw new Error('the terminal has no key');
    const { store, time: clock } = data;
    const log = logTo({ write: (line) => void events.push(JSON.parse(line) as Record<string, unknown>) });
    return { keys, change: new KeyChange({ etc, keys, store, audit, serverTime, clock, log, keyDays }) };
  }

  const signing = () => rawPublicKey(start().keys.present);

  // Fates of the first question, of the one after it, and whether the service starts anew between them.
  const fates = ['answered', 'request-lost', 'answer-lost'] as const;
  const ways = fates.flatMap((first) =>
    fates.flatMap((second) =>
      fates.flatMap((third) => [true, false].map((restart) => ({ first, second, third, restart }))),
    ),
  );
  it.each(ways)(
    'signs with the key that the gateway takes after $first, $second, $third, restart $restart',
    async (way) => {
      const district = new District(signing());
      const before = district.key;
      district.fates.push(way.first, way.second, way.third);
      let { keys, change } = start();
      expect(change.begin('asked')).toEqual({ ok: true, value: { begun: true } });
      for (let turn = 0; turn < 4; turn += 1) {
        await change.settle(district, false, alone);
        if (way.restart) ({ keys, change } = start());
      }
      expect(keys.next).toBeNull();
      expect(rawPublicKey(keys.present)).toBe(district.key);
      expect(district.key).not.toBe(before);
      expect(signing()).toBe(district.key);
    },
  );

  it.each(['former written', 'present written'] as const)(
    'comes to its end after a power cut with the %s',
    async (cut) => {
      const { keys, change } = start();
      change.begin('asked');
      const { next, present } = keys;
      if (!next) throw new Error('no next key');
      const district = new District(rawPublicKey(next));
      writeKey(etc, suite, present, 'former');
      if (cut === 'present written') writeKey(etc, suite, next);
      const after = start();
      await after.change.settle(district, false, alone);
      expect(after.keys.next).toBeNull();
      expect(signing()).toBe(district.key);
      expect(start().keys.former?.equals(present)).toBe(true);
    },
  );

  it('is known again to a gateway that was restored to a time before the change', async () => {
    const district = new District(signing());
    const before = district.key;
    const first = start();
    first.change.begin('asked');
    await first.change.settle(district, false, alone);
    const after = district.key;
    district.key = before;
    const { keys, change } = start();
    await change.settle(district, false, alone);
    expect(district.asked).toBe(1);
    await change.settle(district, true, alone);
    expect(district.key).toBe(after);
    expect(rawPublicKey(keys.present)).toBe(after);
  });

  it('is known again although the next change has begun meanwhile', async () => {
    const district = new District(signing());
    const before = district.key;
    const { keys, change } = start();
    change.begin('asked');
    await change.settle(district, false, alone);
    district.key = before;
    change.begin('asked');
    await change.settle(district, false, alone);
    await change.settle(district, true, alone);
    await change.settle(district, false, alone);
    expect(keys.next).toBeNull();
    expect(rawPublicKey(keys.present)).toBe(district.key);
  });

  it('keeps both keys while the gateway knows neither, and goes on with the present one', async () => {
    const district = new District('another');
    const { keys, change } = start();
    const { present } = keys;
    change.begin('asked');
    expect(await change.settle(district, true, alone)).toBeNull();
    expect(keys.present.equals(present)).toBe(true);
    expect(start().keys.next).not.toBeNull();
  });

  it('changes nothing with a gateway of an earlier release, and asks it once a day', async () => {
    const district = new District(signing());
    district.refusal = { code: 'refused', why: 'malformed', detail: 'no such address' };
    const { keys, change } = start();
    change.begin('asked');
    expect(await change.settle(district, false, alone)).toBeNull();
    expect(await change.settle(district, false, alone)).toBeNull();
    expect(district.asked).toBe(1);
    district.refusal = null;
    data.time.advance(DAY_MS);
    await change.settle(district, false, alone);
    expect(rawPublicKey(keys.present)).toBe(district.key);
  });

  it('hears that the terminal was revoked, and changes nothing', async () => {
    const district = new District(signing());
    district.refusal = { code: 'refused', why: 'revoked', detail: '' };
    const { keys, change } = start();
    change.begin('asked');
    expect(await change.settle(district, false, alone)).toEqual(district.refusal);
    expect(keys.next).not.toBeNull();
  });

  it('is audited and logged, without the keys', async () => {
    const { keys, change } = start();
    change.begin('asked');
    change.begin('asked');
    await change.settle(new District(signing()), false, alone);
    const told = audit.of('').map(({ event, detail }) => ({ event, detail }));
    expect(told).toEqual([
      { event: 'key.changing', detail: { why: 'asked' } },
      { event: 'key.changed', detail: {} },
    ]);
    expect(events.map(({ event }) => event)).toEqual(['sync.key-changing', 'sync.key-changed']);
    expect(JSON.stringify([events, told])).not.toContain(rawPublicKey(keys.present));
  });

  it('says so when the folder takes no key, and serves on', async () => {
    const { change } = start();
    rmSync(etc, { recursive: true });
    expect(change.begin('asked')).toMatchObject({ ok: false, error: { code: 'key-missing' } });
    expect(await change.settle(new District('any'), false, alone)).toBeNull();
  });

  describe('by age', () => {
    it('changes after its days by the gateway’s time, whatever the own clock says, and counts anew then', async () => {
      const { time } = data;
      const district = new District(signing());
      const first = district.key;
      let { change } = start(30);
      // Ten years ahead, and nobody has told the time yet.
      time.wallErrorMs = 3650 * DAY_MS;
      await change.settle(district, false, alone);
      const told = () => serverTime.learn(new Date(time.wall().getTime() - time.wallErrorMs), time);
      told();
      await change.settle(district, false, alone);
      time.advance(30 * DAY_MS - 1_000);
      await change.settle(district, false, alone);
      expect(district.key).toBe(first);
      ({ change } = start(30));
      time.advance(1_000);
      await change.settle(district, false, alone);
      const second = district.key;
      expect(second).not.toBe(first);
      expect(audit.of('')[0]?.detail).toEqual({ why: 'age' });
      await change.settle(district, false, alone);
      time.advance(29 * DAY_MS);
      await change.settle(district, false, alone);
      expect(district.key).toBe(second);
      time.advance(DAY_MS);
      await change.settle(district, false, alone);
      expect(district.key).not.toBe(second);
    });
  });

  it('takes what is no key of its suite for none', () => {
    writeKey(etc, suite, newKey(suite === 'standard' ? 'national' : 'standard'), 'next');
    expect(start().keys.next).toBeNull();
    expect(keyFile(etc, suite, 'next')).toContain('next.key');
  });
});
