import { describe, expect, it } from 'vitest';
import { err, ok, type Result } from '#contract/result.ts';
import { COOL_DOWN_MS, keep, type Life, type Tier, type Trouble } from '#drivers/common/life.ts';
import { VirtualTimers } from '../stand.ts';

const GONE: Trouble = { why: 'gone', remedy: 'plug it in' };

/** A device that is opened `times` times; what it is opened with, and what is said of it, is written down. */
async function live(times: number, opened: (time: number) => Result<'works' | 'greets', Trouble>) {
  const timers = new VirtualTimers();
  const closing = new AbortController();
  const tries: { ms: number; reset: boolean }[] = [];
  const tiers: Tier[] = [];
  const life: Life<'works' | 'greets', Trouble> = {
    async open(_signal, reset) {
      tries.push({ ms: timers.now, reset });
      if (tries.length === times) closing.abort();
      return opened(tries.length);
    },
    async serve(session, _signal, works) {
      if (session === 'works') works();
      return GONE;
    },
    lost: (_trouble, tier) => tiers.push(tier),
  };
  await timers.until(keep(life, timers, closing.signal, () => () => undefined));
  return { tries, tiers, waiting: timers.pending };
}

describe('a device that does not come back', () => {
  it('is tried at short intervals, then reset, then staff are called and it is tried more rarely', async () => {
    const { tries, tiers } = await live(7, () => err(GONE));
    expect(tiers).toEqual(['reconnect', 'reconnect', 'reset', 'callStaff', 'callStaff', 'callStaff']);
    expect(tries.map(({ reset }) => reset)).toEqual([false, false, false, true, false, false, false]);
    expect(tries.map(({ ms }) => ms)).toEqual([0, 500, 1_000, 1_500, 6_500, 11_500, 16_500]);
  });

  it('is reset again only when it has cooled down, for as long as it stays away', async () => {
    const { tries } = await live(60, () => err(GONE));
    const resets = tries.filter(({ reset }) => reset).map(({ ms }) => ms);
    expect(resets.length).toBeGreaterThan(3);
    resets.slice(1).forEach((ms, i) => expect(ms - (resets[i] ?? 0)).toBeGreaterThanOrEqual(COOL_DOWN_MS));
  });

  it('and greets without ever working counts as one that does not come back', async () => {
    const { tiers } = await live(5, () => ok('greets'));
    expect(tiers).toEqual(['reconnect', 'reconnect', 'reset', 'callStaff']);
  });

  it('leaves no timer behind when it is closed', async () => {
    expect((await live(9, () => err(GONE))).waiting).toBe(0);
  });
});

it('a device that works and is lost again and again is never reset, and nobody is called', async () => {
  const { tries, tiers } = await live(9, () => ok('works'));
  expect(new Set(tiers)).toEqual(new Set(['reconnect']));
  expect(tries.some(({ reset }) => reset)).toBe(false);
});

it('a device that came back is tried from the first tier again', async () => {
  const { tiers } = await live(6, (time) => (time === 4 ? ok('works') : err(GONE)));
  expect(tiers).toEqual(['reconnect', 'reconnect', 'reset', 'reconnect', 'reconnect']);
});
