import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { sharedCluster } from '#tests/gateway/stores.ts';
import { GatewayProcess } from '#tests/stand/gateway.ts';
import { expectNothingLeft, options, reportOf, simulateAt } from './stand.ts';

/** A gateway as a process of its own, on a database of its own. */
async function startDistrict() {
  const server = await sharedCluster();
  const database = await server.database();
  const keys = join(mkdtempSync(join(tmpdir(), 'yc-fleet-gateway-')), 'keys');
  const gateway = new GatewayProcess(server.uri(database), { keys });
  await gateway.start();
  onTestFinished(() => gateway.stop('SIGKILL'));
  return { gateway, query: (sql: string) => server.query(database, sql) };
}

it('loses and doubles nothing on PostgreSQL, counted there, when its gateway is killed and started again', async () => {
  const district = await startDistrict();
  const { gateway, query } = district;
  const { temporary } = options({});
  const running = simulateAt(district, { terminals: 5, cases: 10, overMs: 3_000, store: gateway.store, temporary });
  const entries = async () => Number((await query('SELECT count(*) AS entries FROM entries'))[0]?.['entries']);
  while ((await entries()) <= 20) await pause(50);
  await gateway.stop('SIGKILL');
  await pause(300);
  await gateway.start();
  expect(reportOf(await running)).toMatchObject({
    countedBy: 'store',
    cases: 50,
    entries: 205,
    lost: 0,
    doubled: 0,
    undelivered: 0,
    quarantined: 0,
  });
  expect(await query('SELECT count(*) AS cases FROM cases')).toEqual([{ cases: 50 }]);
  expectNothingLeft(temporary);
});

it('finds in PostgreSQL what a gateway has answered for and lost', async () => {
  const district = await startDistrict();
  await district.query(`CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      DELETE FROM entries WHERE terminal = NEW.terminal AND seq = 4; RETURN NULL; END $$`);
  await district.query(
    'CREATE TRIGGER loses AFTER INSERT ON entries FOR EACH ROW WHEN (NEW.seq = 4) EXECUTE FUNCTION lose()',
  );
  const report = reportOf(await simulateAt(district, { store: district.gateway.store }));
  expect(report).toMatchObject({ countedBy: 'store', lost: 2, doubled: 0, undelivered: 0 });
});
