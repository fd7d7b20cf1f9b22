import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { STORE_FILE } from '#main/service/store/open.ts';
import { Stage } from './stage.ts';

/** Makes every write to one table fail, until the answer is called. */
function breakTable(stage: Stage, table: string): () => void {
  const rename = (from: string, to: string) => {
    const db = new Database(join(stage.root, 'data', STORE_FILE));
    db.exec(`ALTER TABLE ${from} RENAME TO ${to}`);
    db.close();
  };
  rename(table, 'away');
  return () => rename('away', table);
}

describe('what could not be written down is claimed nowhere', () => {
  it.each([
    ['confirmed', (stage: Stage) => stage.does('worker.confirm', { seen: ['face', 'home', 'lives'] })],
    ['refused', (stage: Stage) => stage.does('worker.refuse', {})],
  ] as const)('that it was %s: the worker is told, and may try again', async (at, decide) => {
    const event = `case.${at}` as const;
    const stage = await Stage.open();
    await stage.toConfirming();
    const mend = breakTable(stage, 'verification');
    await decide(stage);
    expect(stage.stepAt('done').worker).toMatchObject({ at: 'confirming', problem: 'store-failed' });
    expect(stage.audited(event)).toBe(0);
    mend();
    await decide(stage);
    expect(stage.stepAt('done').worker.at).toBe(at);
    expect(stage.audited(event)).toBe(1);
  });

  it('a rating stays open', async () => {
    const stage = await Stage.open();
    await stage.toDone();
    const mend = breakTable(stage, 'rating');
    await stage.does('visit.rate', { level: 5, reasons: [] });
    expect(stage.stepAt('done').rating).toEqual({ state: 'open' });
    mend();
    await stage.does('visit.rate', { level: 5, reasons: [] });
    expect(stage.stepAt('done').rating).toEqual({ state: 'rated', level: 5 });
  });

  it('a notice can be asked for again', async () => {
    const stage = await Stage.open();
    await stage.toDone();
    const mend = breakTable(stage, 'print_job');
    await stage.does('visit.collectLater', {});
    expect(stage.paper('acceptance-notice')).toBeUndefined();
    mend();
    await stage.does('visit.collectLater', {});
    await stage.until(() => stage.paper('acceptance-notice')?.print.state === 'confirmed');
    expect(stage.call('visit.collectLater', {})).toEqual({ ok: false, error: { code: 'not-now' } });
  });
});
