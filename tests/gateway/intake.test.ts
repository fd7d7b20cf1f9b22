import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openIntake } from '#gateway/store/open.ts';
import { Journal, results } from './client.ts';
import { CASE_SEALED, onWire, PERSON, Writer } from './sealing.ts';
import { bytesBelow, finder, startGateway } from './stand.ts';
import { stores } from './stores.ts';

describe.each(stores)('on $name', ({ makeStore }) => {
  async function stand() {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    const journal = (incarnation: number) =>
      new Writer(terminal.identity, new Journal(terminal.identity.terminalId, incarnation));
    const writer = journal(1);
    const day = writer.dayKey();
    const quarantine = () => gateway.rows('SELECT seq, code FROM quarantine WHERE resolved_at IS NULL ORDER BY seq');
    const cases = () => gateway.rows('SELECT case_id, receipt_number, item, state, rating FROM cases');
    return { gateway, terminal, journal, writer, day, quarantine, cases };
  }

  test('a really sealed case is opened, checked and shown to the desk, with what became of it', async () => {
    const { gateway, terminal, writer, day, cases } = await stand();
    const accepted = writer.case(day.dayKey);
    const entries = [
      day.entry,
      onWire(accepted),
      writer.plain('print', { case: accepted.case, job: randomUUID(), document: 'receipt', outcome: 'confirmed' }),
      writer.plain('help', { ticket: randomUUID(), why: 'verification' }),
      writer.plain('verification', { case: accepted.case, worker: 'w1', outcome: 'confirmed', seen: ['card'] }),
      writer.plain('rating', { case: accepted.case, level: 5, reasons: [] }),
    ];
    expect(new Set(results(await terminal.send(entries)))).toEqual(new Set(['stored']));
    expect(await cases()).toEqual([]);
    expect(await gateway.drain()).toEqual({ seen: 6, invalid: 0 });
    expect(await cases()).toEqual([
      {
        case_id: accepted.case,
        receipt_number: '120103-000101-260302-0001-5',
        item: 'residence-certificate',
        state: 'verified',
        rating: 5,
      },
    ]);
    expect(await gateway.store.counts()).toEqual({ terminals: 1, entries: 6, cases: 1, quarantined: 0 });
    expect(await gateway.store.counts('120103-000101-260302-0001-5')).toMatchObject({ cases: 1 });
    expect(await gateway.store.counts('120103-000101-260302-0002-3')).toMatchObject({ cases: 0 });
    expect(await gateway.drain()).toEqual({ seen: 0, invalid: 0 });
  });

  test("nothing personal stands in the store's files or the log, before and after the intake", async () => {
    const { gateway, terminal, writer, day } = await stand();
    await terminal.send([day.entry, onWire(writer.case(day.dayKey))]);
    const search = () => {
      const has = finder(Buffer.concat([bytesBelow(gateway.files), Buffer.from(gateway.logged.join())]));
      for (const value of Object.values(PERSON)) {
        const utf16 = Buffer.from(value, 'utf16le');
        const forms = [
          Buffer.from(value),
          utf16,
          Buffer.from(utf16).swap16(),
          Buffer.from(value).toString('base64url'),
        ];
        for (const form of forms) expect(has(form)).toBe(false);
      }
      expect(has(day.dayKey.key)).toBe(false);
      expect(has(day.dayKey.id)).toBe(true);
    };
    search();
    await gateway.drain();
    expect(await gateway.store.counts()).toMatchObject({ cases: 1 });
    search();
  });

  test('a refused verification and "not rated" are shown as they are', async () => {
    const { gateway, terminal, writer, day, cases } = await stand();
    const accepted = writer.case(day.dayKey);
    const refused = writer.plain('verification', { case: accepted.case, worker: 'w1', outcome: 'refused', seen: [] });
    const unrated = writer.plain('rating', { case: accepted.case, level: null, reasons: [] });
    await terminal.send([day.entry, onWire(accepted), refused, unrated]);
    await gateway.drain();
    expect(await cases()).toMatchObject([{ state: 'refused', rating: null }]);
  });

  test('one rating per case: a second one is quarantined, also after "not rated"', async () => {
    const { gateway, terminal, writer, day, cases, quarantine } = await stand();
    const accepted = writer.case(day.dayKey);
    const ratings = [null, 1].map((level) => writer.plain('rating', { case: accepted.case, level, reasons: [] }));
    await terminal.send([day.entry, onWire(accepted), ...ratings]);
    await gateway.drain();
    expect(await cases()).toMatchObject([{ rating: null }]);
    expect(await quarantine()).toEqual([{ seq: 4, code: 'second-rating' }]);
  });

  test('what cannot be opened or is not of its form is quarantined with its reason, and the rest goes on', async () => {
    const { gateway, terminal, writer, day, cases, quarantine } = await stand();
    const stranger = { id: randomUUID(), key: randomBytes(32) };
    const entries = [
      day.entry,
      // 2: wrapped by a day key that never came. 3: by another key under the day key's name.
      onWire(writer.case(stranger)),
      onWire(writer.case({ id: day.dayKey.id, key: randomBytes(32) })),
      // 4: sealed for another entry. 5: not a case's personal part. 6: an open part without its number.
      onWire(writer.case(day.dayKey, { sealedFor: randomUUID() })),
      onWire(writer.case(day.dayKey, { content: { card: CASE_SEALED.card, answers: CASE_SEALED.answers } })),
      onWire(writer.case(day.dayKey, { open: { receiptNumber: undefined } })),
      // 7: no personal part. 8: a personal part where none belongs. 9: the keys are gone. 10: of an unknown case.
      writer.plain('case', { case: randomUUID() }),
      writer.plain('rating', {}, writer.seal(randomUUID(), day.dayKey, {}).part),
      { ...onWire(writer.case(day.dayKey)), keys: [] },
      writer.plain('verification', { case: randomUUID(), worker: 'w1', outcome: 'confirmed', seen: [] }),
      // 11: sealed to another district key. 12: a day key that doesn't open.
      writer.plain('key', { dayKey: randomUUID(), districtKeyId: 'other', enc: '', data: '' }),
      writer.plain('key', {
        dayKey: randomUUID(),
        districtKeyId: terminal.identity.districtKeyId,
        enc: 'AA',
        data: 'AA',
      }),
      writer.plain('help', { ticket: 'x' }),
      writer.plain('print', {}),
      onWire(writer.case(day.dayKey)),
    ];
    expect(new Set(results(await terminal.send(entries)))).toEqual(new Set(['stored']));
    expect(await gateway.drain()).toEqual({ seen: 15, invalid: 12 });
    expect((await quarantine()).map(({ seq, code }) => `${String(seq)} ${String(code)}`)).toEqual([
      '2 no-day-key',
      '3 case-key',
      '4 seal',
      '5 sealed',
      '6 open',
      '7 open',
      '8 sealed',
      '9 no-case-key',
      '10 no-case',
      '11 district-key',
      '12 day-key',
      '13 open',
      '14 open',
    ]);
    expect(await cases()).toHaveLength(1);
    expect((await terminal.cursor()).contiguousSeq).toBe(15);
  });

  test('a receipt number that no index takes is quarantined, and other terminals go on', async () => {
    const { gateway, terminal, writer, day, quarantine, cases } = await stand();
    const other = await gateway.newTerminal();
    const beside = new Writer(other.identity, new Journal(other.identity.terminalId));
    const { entry, dayKey } = beside.dayKey();
    const receiptNumber = randomBytes(5_000).toString('hex');
    await terminal.send([day.entry, onWire(writer.case(day.dayKey, { open: { receiptNumber } }))]);
    await other.send([entry, onWire(beside.case(dayKey))]);
    expect(await gateway.drain()).toEqual({ seen: 4, invalid: 1 });
    expect(await quarantine()).toEqual([{ seq: 2, code: 'open' }]);
    expect(await cases()).toHaveLength(1);
  });

  test('a body that is not JSON is quarantined, and a replay is still a duplicate', async () => {
    const { gateway, terminal, quarantine } = await stand();
    const journal = new Journal(terminal.identity.terminalId);
    const entry = journal.add({ id: randomUUID(), kind: 'case', body: Buffer.from('no JSON'), keys: [] });
    await terminal.send([entry]);
    await gateway.drain();
    expect(await quarantine()).toEqual([{ seq: 1, code: 'body' }]);
    expect(results(await terminal.send([entry]))).toEqual(['duplicate']);
    expect(await gateway.drain()).toEqual({ seen: 1, invalid: 1 });
    expect((await gateway.store.counts()).quarantined).toBe(1);
    expect(await gateway.drain()).toEqual({ seen: 0, invalid: 0 });
  });

  test('what the intake could not use is looked at again when the terminal sends it again, and nothing else is', async () => {
    const { gateway, terminal, writer, day, cases, quarantine } = await stand();
    const [unread, read] = [onWire(writer.case(day.dayKey)), onWire(writer.case(day.dayKey))];
    const late = writer.plain('help', { ticket: randomUUID(), why: 'called' });
    await terminal.send([day.entry, unread, read, late]);
    const broken = await openIntake(gateway.address, { newEpoch: randomUUID, missing: 'refuse' });
    onTestFinished(() => broken.close());
    const work = await broken.next(2);
    const sealed = JSON.parse(Buffer.from(work?.entries[0]?.body ?? []).toString()) as { open: never };
    if (!work) throw new Error('no work');
    const findings = [{ what: 'day-key', key: sealed.open } as const, { what: 'invalid', code: 'seal' } as const];
    expect(await broken.finish(work, findings, new Date())).toBe(true);
    expect(await gateway.drain()).toEqual({ seen: 2, invalid: 0 });
    const alerts = async () => gateway.store.alerts(new Date(0), new Date(0));
    expect(await alerts()).toMatchObject([{ kind: 'quarantine', code: 'seal', entries: 1 }]);

    expect(results(await terminal.send([day.entry, unread, read, late]))).toEqual(Array(4).fill('duplicate'));
    expect(await gateway.drain()).toEqual({ seen: 1, invalid: 0 });
    expect([await quarantine(), await alerts()]).toEqual([[], []]);
    expect(await cases()).toHaveLength(2);
    expect(await gateway.store.counts()).toMatchObject({ cases: 2, quarantined: 0 });
  });

  test('held entries wait for their gap; broken ones are not taken in', async () => {
    const { gateway, terminal, writer, day, cases } = await stand();
    const [first, second] = [onWire(writer.case(day.dayKey)), onWire(writer.case(day.dayKey))];
    await terminal.send([day.entry, second]);
    expect(await gateway.drain()).toEqual({ seen: 1, invalid: 0 });
    await terminal.send([first]);
    expect(await gateway.drain()).toEqual({ seen: 2, invalid: 0 });
    expect(await cases()).toHaveLength(2);
  });

  test('a case sent again in a new incarnation is one case; another entry that claims it is a conflict', async () => {
    const { gateway, terminal, journal, writer, day, cases, quarantine } = await stand();
    const accepted = writer.case(day.dayKey);
    const again = new Journal(terminal.identity.terminalId, 2);
    const body = Buffer.from(accepted.body);
    await terminal.send([day.entry, onWire(accepted), again.add({ ...accepted, body })]);
    await gateway.drain();
    expect(await cases()).toHaveLength(1);
    expect(await quarantine()).toEqual([]);

    const claimed = journal(3).case(day.dayKey, { open: { case: accepted.case } });
    await terminal.send([onWire(claimed)]);
    await gateway.drain();
    expect(await quarantine()).toEqual([{ seq: 1, code: 'case-conflict' }]);
  });

  test('what spoke of a day key or a case too early is looked at again when that comes', async () => {
    const { gateway, terminal, journal, writer, day, cases, quarantine } = await stand();
    const early = journal(2);
    const accepted = writer.case(day.dayKey);
    const waiting = [
      onWire(early.case(day.dayKey)),
      early.plain('verification', { case: accepted.case, worker: 'w1', outcome: 'confirmed', seen: [] }),
    ];
    await terminal.send(waiting);
    await gateway.drain();
    expect(await quarantine()).toEqual([
      { seq: 1, code: 'no-day-key' },
      { seq: 2, code: 'no-case' },
    ]);
    await terminal.send([day.entry, onWire(accepted)]);
    await gateway.drain();
    expect(await quarantine()).toEqual([]);
    expect(new Set((await cases()).map(({ state }) => state))).toEqual(new Set(['accepted', 'verified']));
  });

  test('of two verifications the one that was written last counts, also when an earlier one had to wait for the case', async () => {
    const { gateway, terminal, journal, cases, quarantine } = await stand();
    const [early, late] = [journal(1), journal(2)];
    const day = late.dayKey();
    const accepted = late.case(day.dayKey);
    const verified = (by: Writer, outcome: string) =>
      by.plain('verification', { case: accepted.case, worker: 'w1', outcome, seen: [] });
    await terminal.send([verified(early, 'refused')]);
    await gateway.drain();
    expect(await quarantine()).toEqual([{ seq: 1, code: 'no-case' }]);
    await terminal.send([day.entry, onWire(accepted), verified(late, 'confirmed')]);
    await gateway.drain();
    expect(await quarantine()).toEqual([]);
    expect(await cases()).toMatchObject([{ state: 'verified' }]);
    await terminal.send([verified(late, 'refused')]);
    await gateway.drain();
    expect(await cases()).toMatchObject([{ state: 'refused' }]);
  });

  test('an entry that heals while the intake works is not passed over', async () => {
    const { gateway, terminal, writer, day, cases } = await stand();
    const accepted = onWire(writer.case(day.dayKey));
    const last = writer.plain('help', { ticket: randomUUID(), why: 'called' });
    await terminal.send([day.entry, { ...accepted, body: 'AAAA' }, last]);
    const other = await openIntake(gateway.address, { newEpoch: randomUUID, missing: 'refuse' });
    onTestFinished(() => other.close());
    const stale = await other.next(10);
    expect(stale).toMatchObject({ after: 0, upTo: 3, entries: [{ seq: 1 }, { seq: 3 }] });
    if (!stale) throw new Error('no work');
    expect(results(await terminal.send([accepted]))).toEqual(['stored']);
    const findings = stale.entries.map(() => ({ what: 'nothing' }) as const);
    expect(await other.finish(stale, findings, new Date())).toBe(false);
    await gateway.drain();
    expect(await cases()).toHaveLength(1);
  });

  test('work that was finished before is not written again', async () => {
    const { gateway, terminal, writer, day, cases } = await stand();
    await terminal.send([day.entry, onWire(writer.case(day.dayKey))]);
    const other = await openIntake(gateway.address, { newEpoch: randomUUID, missing: 'refuse' });
    onTestFinished(() => other.close());
    const stale = await other.next(10);
    if (!stale) throw new Error('no work');
    const findings = stale.entries.map(() => ({ what: 'invalid', code: 'body' }) as const);
    expect(await other.finish(stale, findings, new Date())).toBe(true);
    expect(
      await other.finish(
        stale,
        stale.entries.map(() => ({ what: 'nothing' })),
        new Date(),
      ),
    ).toBe(false);
    await gateway.drain();
    expect(await cases()).toHaveLength(0);
    expect(await gateway.store.counts()).toMatchObject({ quarantined: 2 });
  });
});
