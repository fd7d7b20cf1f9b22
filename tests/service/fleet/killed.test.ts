import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { GatewayProcess } from '#tests/stand/gateway.ts';
import { yichuang } from '../cli/run.ts';
import { expectNothingLeft, options, reportOf, simulateAt, startDistrict } from './stand.ts';

async function hasMoreThan(gateway: GatewayProcess, entries: number): Promise<void> {
  while ((await gateway.counts()).entries <= entries) await pause(50);
}

it('loses and doubles nothing when the gateway is killed and started again, as the command line tells', async () => {
  const { gateway } = await startDistrict();
  const codes = join(mkdtempSync(join(tmpdir(), 'yc-fleet-')), 'codes');
  writeFileSync(codes, `${(await gateway.enrolCodes(20)).join('\n')}\n`);
  const given = ['--terminals', '20', '--cases', '20', '--gateway', gateway.url, '--enrol-codes', codes];
  const more = ['--store', gateway.store, '--over', '8', '--idle-seconds', '0.5', '--start-spread', '0'];
  const running = yichuang(['fleet', 'simulate', ...given, ...more]);
  for (const entries of [0, 200]) {
    await hasMoreThan(gateway, entries);
    await gateway.stop('SIGKILL');
    await pause(300);
    await gateway.start();
  }
  const ran = await running;
  expect(ran.stderr).toBe('');
  expect(ran).toMatchObject({
    exit: 0,
    json: { cases: 400, entries: 1620, lost: 0, doubled: 0, undelivered: 0, breaks: 0, folder: null },
  });
});

it('brings back what a gateway has lost that was restored from a backup', async () => {
  const district = await startDistrict();
  const { file, gateway } = district;
  const { temporary } = options({});
  const running = simulateAt(district, { terminals: 5, cases: 20, overMs: 20_000, store: gateway.store, temporary });
  await hasMoreThan(gateway, 20);
  await gateway.stop();
  copyFileSync(file, `${file}.backup`);
  const backedUp = (await gateway.counts()).entries;
  await gateway.start();
  // On a machine that stood still all 405 may be in the backup.
  await hasMoreThan(gateway, Math.min(backedUp + 20, 404));
  await gateway.stop();
  copyFileSync(`${file}.backup`, file);
  await gateway.restored();
  await gateway.start();
  expect(reportOf(await running)).toMatchObject({ entries: 405, lost: 0, doubled: 0, undelivered: 0 });
  expectNothingLeft(temporary);
});
