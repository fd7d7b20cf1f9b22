import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoWithOffset, localDay, untilNextDay } from '#main/service/time/clock.ts';
import { fraction, systemRandom, uuidV7 } from '#main/service/time/random.ts';
import { districtClock, ServerTime } from '#main/service/time/server-time.ts';
import { FakeTime } from './fakes.ts';

const moments = fc.date({
  min: new Date('1990-01-01T00:00:00Z'),
  max: new Date('2100-01-01T00:00:00Z'),
  noInvalidDate: true,
});

describe('local time', () => {
  it('begins the day at midnight in China, whatever zone the machine is set to', () => {
    expect(localDay(new Date('2026-03-01T15:59:59.999Z'))).toBe('2026-03-01');
    expect(localDay(new Date('2026-03-01T16:00:00.000Z'))).toBe('2026-03-02');
    expect(isoWithOffset(new Date('2026-03-01T16:00:00.000Z'))).toBe('2026-03-02T00:00:00.000+08:00');
  });

  it('writes the moment that it was given', () => {
    fc.assert(fc.property(moments, (moment) => Date.parse(isoWithOffset(moment)) === moment.getTime()));
  });

  it('finds the next midnight: the day changes there and not a millisecond before', () => {
    fc.assert(
      fc.property(moments, (moment) => {
        const midnight = moment.getTime() + untilNextDay(moment);
        return (
          localDay(new Date(midnight)) !== localDay(moment) && localDay(new Date(midnight - 1)) === localDay(moment)
        );
      }),
    );
  });
});

describe('ids', () => {
  it('lays a UUID out as the example of RFC 9562, A.6', () => {
    const chance = Buffer.from('0cc318c4dc0c0c07398f', 'hex');
    expect(uuidV7(0x017f22e279b0, chance)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('sorts by the millisecond in which they were made', () => {
    const at = (ms: number) => systemRandom({ wall: () => new Date(ms) }).uuid();
    expect(at(1_700_000_000_000) < at(1_700_000_000_001)).toBe(true);
  });

  it('draws fractions from the whole interval [0, 1)', () => {
    expect(fraction({ bytes: (n) => new Uint8Array(n) })).toBe(0);
    const most = fraction({ bytes: (n) => new Uint8Array(n).fill(0xff) });
    expect(most).toBeLessThan(1);
    expect(most).toBeGreaterThan(0.999_999);
  });
});

describe("the district's time", () => {
  it('is unknown at first, then kept, and told only when it changes by a second or more', () => {
    const kept: number[] = [];
    const time = new ServerTime(null, (offset) => kept.push(offset));
    const clock = new FakeTime('2026-03-02T00:00:00Z');
    expect([time.offsetMs, time.heard]).toEqual([null, false]);
    time.learn(new Date('2027-03-02T00:00:00Z'), clock);
    time.learn(new Date('2027-03-02T00:00:00.900Z'), clock);
    expect([time.heard, kept]).toEqual([true, [31_536_000_000]]);
    expect(time.now(clock).toISOString()).toBe('2027-03-02T00:00:00.000Z');
  });

  it('is not heard again after a restart until the district speaks', () => {
    const clock = new FakeTime('2026-03-02T00:00:00Z');
    const time = new ServerTime(86_400_000, () => undefined);
    expect([time.heard, time.now(clock).toISOString()]).toEqual([false, '2026-03-03T00:00:00.000Z']);
  });

  it('goes on as it was heard when somebody sets the wall clock, and follows the district when it is heard anew', () => {
    const clock = new FakeTime('2026-03-02T00:00:00Z');
    const time = new ServerTime(null, () => undefined);
    time.learn(clock.wall(), clock);
    clock.wallErrorMs = 73 * 365 * 86_400_000;
    clock.advance(60_000);
    expect(time.now(clock).toISOString()).toBe('2026-03-02T00:01:00.000Z');
    time.learn(new Date('2026-03-02T01:00:00Z'), clock);
    expect(time.now(clock).toISOString()).toBe('2026-03-02T01:00:00.000Z');
  });

  it('is shown where the machine is noticeably wrong; smaller differences do not make the shown time jump', () => {
    const clock = new FakeTime('2026-03-02T00:00:00Z');
    const shown = (offsetMs: number | null) => districtClock(clock, new ServerTime(offsetMs, () => undefined));
    expect(shown(null).wall()).toEqual(clock.wall());
    expect(shown(-119_000).wall()).toEqual(clock.wall());
    expect(shown(-31_536_000_000).wall().toISOString()).toBe('2025-03-02T00:00:00.000Z');
    clock.advance(5);
    expect([shown(1e9).monotonicMs(), shown(1e9).boot]).toEqual([5, clock.boot]);
  });
});
