import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { options, reportOf, simulateAt, startDistrict } from './stand.ts';

it('brings the cases of twenty terminals over lines that break, each of them once', async () => {
  const district = await startDistrict();
  const { store } = district.gateway;
  const { temporary } = options({});
  const report = reportOf(
    await simulateAt(district, { terminals: 20, cases: 20, overMs: 5_000, flap: true, store, temporary, keep: true }),
  );
  expect(report).toMatchObject({ terminals: 20, cases: 400, countedBy: 'store', quarantined: 0 });
  expect(report).toMatchObject({ lost: 0, doubled: 0, undelivered: 0 });
  // Each has its day key; each case its rating and the outcome of two papers.
  expect(report.entries).toBe(20 + 400 * 4);
  expect(await district.gateway.counts()).toMatchObject({ cases: 400, entries: report.entries });
  expect(report.breaks).toBeGreaterThan(0);
  expect(report.acknowledgedMs.p99).toBeGreaterThanOrEqual(report.acknowledgedMs.p50 ?? Number.NaN);

  const folder = report.folder ?? '';
  expect(folder.startsWith(temporary)).toBe(true);
  expect(readdirSync(folder)).toHaveLength(20);
  expect(verifyJournal(`${folder}/20/data/terminal.sqlite`)).toMatchObject({ ok: true, value: { entries: 81 } });
});
