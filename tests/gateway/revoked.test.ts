/** A terminal is revoked with entries on their way, and readmitted: nothing is lost. */
import { describe, expect, test } from 'vitest';
import { exportJournal } from '#main/service/journal/export.ts';
import { verifyExport } from '#main/service/journal/export-check.ts';
import { caseEntry } from '../service/journal/fixture.ts';
import { enrolledAt, startedAt } from '../service/sync/at-gateway.ts';
import { runCli, startGateway } from './stand.ts';
import { sqliteStore, stores } from './stores.ts';

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe.each(stores)('on $name', ({ makeStore }) => {
  test.each(['standard', 'national'] as const)(
    'a terminal of the %s suite keeps what it has, and sends it when it is readmitted',
    async (suite) => {
      const gateway = await startGateway(makeStore);
      const { terminal, data, book, engine } = await enrolledAt(gateway.url, await gateway.newCode(), suite);
      engine.start();
      book.write(caseEntry());
      await until(() => engine.status.network === 'online' && engine.status.unsynced === 0);
      expect(await gateway.store.revoke(terminal)).toBe(true);
      for (let i = 0; i < 5; i += 1) book.write(caseEntry());
      engine.poke();
      await until(() => engine.status.withdrawn);
      expect(engine.status).toMatchObject({ state: { at: 'stopped', code: 'revoked' }, unsynced: 5 });
      await engine.stop();

      const again = await startedAt(gateway.url, data, suite);
      expect(again.engine.status).toMatchObject({ state: { at: 'stopped', code: 'revoked' }, withdrawn: true });
      again.engine.start();
      const output = `${data.folders.data}/export.ndjson`;
      expect(exportJournal(data.file, output)).toMatchObject({ ok: true });
      expect(verifyExport(output)).toMatchObject({ ok: true });

      expect(await gateway.store.readmit(terminal)).toBe(true);
      await until(() => again.engine.status.unsynced === 0);
      expect(again.engine.status).toMatchObject({ state: { at: 'online' }, withdrawn: false, quarantined: 0 });
      await gateway.drain();
      expect(await gateway.store.counts()).toMatchObject({ cases: 6, quarantined: 0 });
    },
  );

  test('only a terminal that is there can be readmitted', async () => {
    const gateway = await startGateway(makeStore);
    expect(await gateway.store.readmit('nobody')).toBe(false);
  });
});

test('the command line revokes and readmits', async () => {
  const gateway = await startGateway(sqliteStore);
  const client = await gateway.newTerminal();
  const { terminalId } = client.identity;
  const asked = () => client.request('GET', '/v1/terminals/self/cursor', null);
  const at = ['--store', gateway.address.uri, '--terminal', terminalId];
  expect(await runCli('revoke', ...at)).toMatchObject({ code: 0, stdout: `{"revoked":"${terminalId}"}\n` });
  expect(await asked()).toMatchObject({ status: 403, body: { code: 'revoked' } });
  expect(await runCli('readmit', ...at)).toMatchObject({ code: 0, stdout: `{"readmitted":"${terminalId}"}\n` });
  expect(await asked()).toMatchObject({ status: 200 });
  expect(await runCli('readmit', ...at.slice(0, 2), '--terminal', 'nobody')).toMatchObject({ code: 1, stdout: '' });
});
