/** What is personal of a case is erased at the terminal and at a real gateway, whoever asked for it. */
import { randomUUID } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import type { AuditEventName } from '#main/service/audit-events.ts';
import { eraseCase } from '#main/service/journal/erasure.ts';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { Audit } from '#main/service/store/audit.ts';
import { Cases } from '#main/service/store/cases.ts';
import { startGateway } from '../../gateway/stand.ts';
import { sqliteStore } from '../../gateway/stores.ts';
import { caseEntry } from '../journal/fixture.ts';
import { newCase } from '../store/fixture.ts';
import { enrolledAt } from './at-gateway.ts';

async function stand() {
  const gateway = await startGateway(sqliteStore);
  const at = await enrolledAt(gateway.url, await gateway.newCode(), 'standard');
  const { book, data, terminal } = at;
  const cases = new Cases(data.store, data.vault);
  const given = newCase();
  cases.insert(given);
  const { id: entry } = book.write(caseEntry(given.id));
  data.store.db
    .prepare(
      `INSERT INTO print_job (id, case_id, document, state, detail, sealed_input, changed_at)
       VALUES ('job', ?, 'receipt', 'failed', '', x'00', '')`,
    )
    .run(given.id);
  const here = () => ({
    keys: data.store.db.prepare('SELECT count(*) FROM entry_key').pluck().get(),
    record: cases.find(given.id)?.record() ?? null,
    found: cases.findByNumber(given.number ?? '').length,
    papers: data.store.db.prepare('SELECT count(*) FROM print_job WHERE sealed_input IS NOT NULL').pluck().get(),
  });
  const there = async () => (await gateway.rows('SELECT seq FROM wrapped_keys')).length;
  const erased = { keys: 0, record: null, found: 0, papers: 0 };
  const options = { store: data.store, journal: book.journal, audit: new Audit<AuditEventName>(data.store, data.time) };
  const told = async (id: string) => {
    const { engine } = at;
    engine.start();
    await vi.waitUntil(
      async () =>
        (await gateway.store.published()).some((one) => one.content.includes(id) && one.done + one.failed > 0),
      {
        timeout: 30_000,
      },
    );
    await gateway.drain();
    return (await gateway.store.published())[0];
  };
  const publish = async (named: string) => {
    const id = randomUUID();
    const expiresAt = new Date(Date.now() + 600_000).toISOString();
    await gateway.store.publish(
      { id, expiresAt, kind: 'erase-entry', entry: named },
      { region: '120103', terminal },
      new Date(),
    );
    return id;
  };
  return { gateway, ...at, entry, given, here, there, erased, options, publish, told };
}

it('erases a case on both sides when the terminal does, before it was sent too, and both journals hold', async () => {
  const { gateway, data, book, entry, given, here, there, erased, options, engine } = await stand();
  expect(here()).toEqual({ keys: 1, record: given.record, found: 1, papers: 1 });
  expect(eraseCase(options, entry)).toBe(true);
  expect(here()).toEqual(erased);
  expect(options.audit.of(given.id)).toMatchObject([{ event: 'case.erased', detail: { entry } }]);
  engine.start();
  await vi.waitUntil(() => book.outbox.counts().unsynced === 0, { timeout: 30_000 });
  await gateway.drain();
  expect([await there(), await gateway.store.counts()]).toMatchObject([0, { cases: 1, quarantined: 0 }]);
  expect(await gateway.store.erasures()).toMatchObject([{ entry, by: 'terminal' }]);
  expect(verifyJournal(data.file)).toMatchObject({ ok: true, value: { entries: 3, quarantined: 0 } });
});

it('erases what the district asks it to, says so, and has it erased there', async () => {
  const { gateway, entry, here, there, erased, publish, told, book } = await stand();
  const id = await publish(entry);
  expect(await told(id)).toMatchObject({ done: 1, failed: 0 });
  expect(here()).toEqual(erased);
  await vi.waitUntil(() => book.outbox.counts().unsynced === 0, { timeout: 30_000 });
  await gateway.drain();
  expect(await there()).toBe(0);
  expect(await gateway.store.erasures()).toMatchObject([{ entry, by: 'terminal' }]);
});

it('has nothing to erase of a case that is not its own, and says that', async () => {
  const { given, here, publish, told } = await stand();
  const id = await publish(randomUUID());
  expect(await told(id)).toMatchObject({ done: 0, failed: 1 });
  expect(here()).toEqual({ keys: 1, record: given.record, found: 1, papers: 1 });
});

it('erases nothing when the order to the district can not be written', async () => {
  const { entry, given, here, options } = await stand();
  const journal = {
    append: () => {
      throw new Error('no');
    },
  };
  expect(() => eraseCase({ ...options, journal }, entry)).toThrow('no');
  expect(here()).toEqual({ keys: 1, record: given.record, found: 1, papers: 1 });
});
