import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { yichuang } from '../cli/run.ts';
import { reportOf, simulateAt, startDistrict } from './stand.ts';

/** Has the gateway's own database do something behind its back. */
function behindItsBack(file: string, sql: string): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}

const LOSES_THE_FOURTH = `CREATE TRIGGER loses AFTER INSERT ON entries WHEN NEW.seq = 4 BEGIN
  DELETE FROM entries WHERE terminal = NEW.terminal AND seq = 4; END`;

const DOUBLES_THE_FOURTH = `CREATE TRIGGER doubles AFTER INSERT ON entries WHEN NEW.seq = 4 BEGIN
  INSERT INTO entries SELECT region, terminal, 99, 99, state, id, kind, catalogue, body, body_hash, prev_hash, hash, wall,
    monotonic_ms, boot, server_offset_ms, received_at FROM entries WHERE terminal = NEW.terminal AND seq = 4; END`;

const OPENS_NO_CASE = 'CREATE TRIGGER opens AFTER INSERT ON cases BEGIN DELETE FROM cases; END';

it('finds in the store what a gateway has answered for and lost; its cursors alone do not tell', async () => {
  const district = await startDistrict();
  behindItsBack(district.file, LOSES_THE_FOURTH);
  expect(reportOf(await simulateAt(district, {}))).toMatchObject({ countedBy: 'cursors', lost: 0 });
  const { store } = district.gateway;
  // What was in the store before the run is no part of it.
  const report = reportOf(await simulateAt(district, { store }));
  expect(report).toMatchObject({ countedBy: 'store', lost: 2, doubled: 0, undelivered: 0 });
});

it('finds what the store holds twice', async () => {
  const district = await startDistrict();
  behindItsBack(district.file, DOUBLES_THE_FOURTH);
  const { store } = district.gateway;
  expect(reportOf(await simulateAt(district, { store }))).toMatchObject({ lost: 0, doubled: 2 });
});

it('counts cases as lost that no intake opens, once it has stood still', async () => {
  const district = await startDistrict();
  behindItsBack(district.file, OPENS_NO_CASE);
  const { store } = district.gateway;
  expect(reportOf(await simulateAt(district, { store, patienceMs: 1_500 }))).toMatchObject({ lost: 6, doubled: 0 });
});

it('says what it found on stderr, and ends with 1', async () => {
  const { file, gateway } = await startDistrict();
  behindItsBack(file, LOSES_THE_FOURTH);
  const codes = join(mkdtempSync(join(tmpdir(), 'yc-fleet-')), 'codes.json');
  // As `gateway enrol-code` prints them.
  writeFileSync(codes, JSON.stringify({ codes: await gateway.enrolCodes(1), region: '120103' }));
  const given = ['--terminals', '1', '--cases', '1', '--gateway', gateway.url, '--enrol-codes', codes];
  const ran = await yichuang(['fleet', 'simulate', ...given, '--store', gateway.store, '--start-spread', '0']);
  expect(ran).toMatchObject({ exit: 1, stderr: '1 lost\n', json: { entries: 5, lost: 1, folder: null } });
});
