import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GENESIS_HASH } from '#contract/wire.ts';
import { backoffMs, retryAfterMs } from '#main/service/sync/backoff.ts';
import { Bandwidth } from '#main/service/sync/bandwidth.ts';
import { judgeCursor } from '#main/service/sync/judge.ts';

describe('back-off', () => {
  it('is spread over a window that doubles up to the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.uint8Array({ minLength: 6, maxLength: 6 }),
        (failures, chance) => {
          const ms = backoffMs(failures, {
            baseMs: 1_000,
            capMs: 300_000,
            random: { bytes: () => chance, uuid: () => '' },
          });
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(Math.min(300_000, 1_000 * 2 ** (failures - 1)));
        },
      ),
    );
  });

  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['Mon, 02 Mar 2026 00:01:00 GMT', 60_000],
    ['Sun, 01 Mar 2026 00:00:00 GMT', 0],
    ['99999999', 3_600_000],
    ['soon', null],
    ['', null],
    [undefined, null],
  ])('reads Retry-After %j as %j ms', (header, ms) => {
    expect(retryAfterMs(header, new Date('2026-03-02T00:00:00Z'))).toBe(ms);
  });
});

describe('the bandwidth', () => {
  const bucket = (bytesPerSecond: number | null) => {
    const time = { nowMs: 5_000, monotonicMs: () => time.nowMs };
    return { time, bandwidth: new Bandwidth(bytesPerSecond, time) };
  };

  it('is never exceeded on average, whatever is sent whenever it lets a batch go', () => {
    const sending = fc.array(fc.record({ bytes: fc.nat(100_000), idleMs: fc.nat(10_000) }), { maxLength: 50 });
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 50_000 }), sending, (rate, batches) => {
        const { time, bandwidth } = bucket(rate);
        let sent = 0;
        for (const { bytes, idleMs } of batches) {
          time.nowMs += idleMs;
          time.nowMs += bandwidth.waitMs;
          expect(bandwidth.waitMs).toBe(0);
          // A second's worth is there at the start.
          expect(sent).toBeLessThanOrEqual(rate * (1 + (time.nowMs - 5_000) / 1000) + 1);
          bandwidth.spend(bytes);
          sent += bytes;
        }
      }),
    );
  });

  it('of a line without a limit holds nothing back', () => {
    const { bandwidth } = bucket(null);
    bandwidth.spend(1e12);
    expect([bandwidth.waitMs, bandwidth.batchBytes]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  it('makes up for a second of silence and no more', () => {
    const { time, bandwidth } = bucket(1_000);
    time.nowMs += 3_600_000;
    bandwidth.spend(3_000);
    expect(bandwidth.waitMs).toBe(2_000);
    time.nowMs += 1_999;
    expect(bandwidth.waitMs).toBe(1);
  });
});

describe("the district's cursor", () => {
  const hashes = ['', 'a', 'b', 'c'].map((c) => c.repeat(64));
  const local = { incarnation: 2, hashAt: (seq: number) => hashes[seq] ?? null };
  const judge = (incarnation: number, contiguousSeq: number, headHash = hashes[contiguousSeq] ?? 'd'.repeat(64)) =>
    judgeCursor({ incarnation, contiguousSeq, headHash }, local);

  it.each([
    ['has all', judge(2, 3), { verdict: 'agreed', upTo: 3 }],
    ['has less', judge(2, 1), { verdict: 'agreed', upTo: 1 }],
    ['has nothing', judge(2, 0, GENESIS_HASH), { verdict: 'agreed', upTo: 0 }],
    ['has not heard of this incarnation', judge(1, 3), { verdict: 'agreed', upTo: 0 }],
    ['has more than we wrote', judge(2, 4), { verdict: 'contradicted', nextIncarnation: 3 }],
    ['has something else', judge(2, 2, hashes[1]), { verdict: 'contradicted', nextIncarnation: 3 }],
    ['knows a later incarnation', judge(5, 1), { verdict: 'contradicted', nextIncarnation: 6 }],
  ])('that %s', (_what, given, expected) => {
    expect(given).toEqual(expected);
  });
});
