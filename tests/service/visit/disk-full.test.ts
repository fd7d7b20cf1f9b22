import { describe, expect, it, vi } from 'vitest';
import { SIGNATURE, Stage } from './stage.ts';

/** Free blocks of one byte each, as the disk would report them. */
let free = Number.MAX_SAFE_INTEGER;

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  statfsSync: () => ({ bavail: free, bsize: 1 }),
}));

describe('a disk with nothing but its reserve', () => {
  it('puts the terminal out of service for whoever would begin, until there is room', async () => {
    const stage = await Stage.open();
    free = 1_000;
    expect(stage.call('visit.begin', { display: {} })).toEqual({ ok: false, error: { code: 'out-of-service' } });
    expect(stage.health.health).toMatchObject({ is: 'out-of-service', why: 'disk-full' });
    free = Number.MAX_SAFE_INTEGER;
    await stage.pass(31_000);
    expect(stage.health.health).toEqual({ is: 'well' });
    await stage.toHome();
  });

  it('is said in words at submission, nothing is half there, and no number is lost', async () => {
    free = Number.MAX_SAFE_INTEGER;
    const stage = await Stage.open();
    await stage.toCheck();
    free = 1_000;
    await stage.does('visit.submit', { signature: SIGNATURE });
    expect(stage.stepAt('check')).toMatchObject({ submitting: false, problem: 'disk-full' });
    expect(stage.journaled('case')).toHaveLength(0);
    expect(stage.receiptPrinter.receipts).toHaveLength(0);
    expect(stage.audited('case.not-accepted')).toBe(1);
    free = Number.MAX_SAFE_INTEGER;
    await stage.does('visit.submit', { signature: SIGNATURE });
    expect(stage.stepAt('done').receiptNumber).toMatch(/-0001-[\dX]$/);
  });
});
