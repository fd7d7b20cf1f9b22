import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { err } from '#contract/result.ts';
import { simulateFleet } from '#main/service/fleet/fleet.ts';
import { CaseDesk } from '#main/service/intake/case-desk.ts';
import { Store, StoreWriteError } from '#main/service/store/store.ts';
import { yichuang } from '../cli/run.ts';
import { expectNothingLeft, options, reportOf, simulateAt, startDistrict } from './stand.ts';

afterEach(() => vi.restoreAllMocks());

const FORGED = ['AAAA-AAAA-AAAA-AAAA', 'BBBB-BBBB-BBBB-BBBB'];

it.each([
  ['too few codes', { enrolCodes: FORGED.slice(1) }, 'enrol-codes', 'there are 1 codes for 2 terminals'],
  ['no catalogue package', { enrolCodes: FORGED, catalogue: '/nowhere' }, 'catalogue', '/nowhere'],
  ['no gateway', { enrolCodes: FORGED }, 'gateway-away', 'http://127.0.0.1:9'],
  ['no such store', { enrolCodes: FORGED, store: 'sqlite:/nowhere/g.sqlite' }, 'store', 'there is no store at'],
  ['a store of another kind', { enrolCodes: FORGED, store: 'paper:here' }, 'store', 'sqlite:PATH'],
])('is told of %s, and leaves nothing', async (_what, changes, code, detail) => {
  const o = options(changes);
  const run = await simulateFleet(o);
  expect(run).toMatchObject({ ok: false, error: { code } });
  if (!run.ok) expect(run.error.detail).toContain(detail);
  expectNothingLeft(o.temporary);
});

it('ends with the first code that the gateway refuses', async () => {
  const { gateway } = await startDistrict();
  const { url } = gateway;
  const enrolCodes = [...(await gateway.enrolCodes(1)), ...FORGED];
  const o = options({ terminals: 3, enrolCodes, gateway: { url, idleSeconds: 0.5 } });
  expect(await simulateFleet(o)).toMatchObject({ ok: false, error: { code: 'enrol-code' } });
  expectNothingLeft(o.temporary);
  expect(await gateway.counts()).toMatchObject({ entries: 0 });
});

it('is told of a disk without room for one more case', async () => {
  const district = await startDistrict();
  const { temporary } = options({});
  vi.spyOn(Store.prototype, 'requireRoom').mockImplementation(() => {
    throw new StoreWriteError('disk-full', 'only the reserve is left on the disk');
  });
  expect(await simulateAt(district, { temporary })).toMatchObject({ ok: false, error: { code: 'disk-full' } });
  expectNothingLeft(temporary);
});

it.each(['orderNotice', 'rate'] as const)('is told of a disk that fails behind an accepted case (%s)', async (what) => {
  const district = await startDistrict();
  const { temporary } = options({});
  vi.spyOn(CaseDesk.prototype, what).mockReturnValue(err('store-failed'));
  expect(await simulateAt(district, { temporary })).toMatchObject({ ok: false, error: { code: 'store-failed' } });
  expectNothingLeft(temporary);
});

it('tells what was not delivered when the time was over', async () => {
  const district = await startDistrict();
  const { url } = district.gateway;
  const enrolCodes = await district.gateway.enrolCodes(1);
  // The first request goes out within ten minutes, and the time is over at once.
  const timing = { startSpreadMs: 600_000, limitMs: 1, gateway: { url, idleSeconds: 600 } };
  const report = reportOf(await simulateFleet(options({ terminals: 1, enrolCodes, ...timing })));
  expect(report).toMatchObject({ entries: 13, undelivered: 13, lost: 13, entriesPerSecond: null, drainSeconds: null });
});

it.each([
  ['before it enrols', 0],
  ['while cases are written', 1_500],
])('ends when it is told to, %s', async (_when, afterMs) => {
  const district = await startDistrict();
  const { temporary } = options({});
  const end = new AbortController();
  if (afterMs === 0) end.abort();
  else setTimeout(() => end.abort(), afterMs);
  const run = await simulateAt(district, { overMs: 600_000, temporary, signal: end.signal });
  expect(run).toMatchObject({ ok: false, error: { code: 'interrupted' } });
  expectNothingLeft(temporary);
});

it('ends when it is told to while it waits for answers', async () => {
  const district = await startDistrict();
  const { url } = district.gateway;
  const enrolCodes = await district.gateway.enrolCodes(2);
  const end = new AbortController();
  const later = { startSpreadMs: 600_000, gateway: { url, idleSeconds: 600 } };
  const o = options({ enrolCodes, ...later, signal: end.signal });
  setTimeout(() => end.abort(), 5_000);
  expect(await simulateFleet(o)).toMatchObject({ ok: false, error: { code: 'interrupted' } });
  expectNothingLeft(o.temporary);
});

it.each([
  ['--terminals', '0', 'from 1 to 9999'],
  ['--terminals', '2.5', 'from 1 to 9999'],
  ['--over', '', 'from 0 to 86400'],
  ['--gateway', 'http://192.0.2.1:80', 'plain http is for loopback only'],
])('does not take %s %s', async (option, value, words) => {
  const whole = { '--terminals': '1', '--cases': '1', '--gateway': 'http://127.0.0.1:9', '--enrol-codes': '/nowhere' };
  const given = Object.entries({ ...whole, [option]: value }).flat();
  const ran = await yichuang(['fleet', 'simulate', ...given]);
  expect(ran.exit).not.toBe(0);
  expect(ran.stdout).toBe('');
  expect(ran.stderr).toContain(words);
});

it('says that the file of codes is not there', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'yc-fleet-')), 'codes');
  const given = ['--terminals', '1', '--cases', '1', '--gateway', 'http://127.0.0.1:9', '--enrol-codes', file];
  const ran = await yichuang(['fleet', 'simulate', ...given]);
  expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'input' } } });
  expect(ran.stderr).toContain(file);
});
