import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openIntake } from '#gateway/store/open.ts';
import { Journal } from './client.ts';
import { onWire, Writer } from './sealing.ts';
import { startGateway } from './stand.ts';
import { stores } from './stores.ts';

describe.each(stores)('on $name', ({ makeStore }) => {
  async function stand() {
    const gateway = await startGateway(makeStore);
    const newJournals = async () => {
      const terminal = await gateway.newTerminal();
      const writer = (incarnation: number) =>
        new Writer(terminal.identity, new Journal(terminal.identity.terminalId, incarnation));
      return { terminal, writer };
    };
    const open = async () => {
      const worker = await openIntake(gateway.address, { newEpoch: randomUUID, missing: 'refuse' });
      onTestFinished(() => worker.close());
      return worker;
    };
    const quarantine = () =>
      gateway.rows('SELECT incarnation, seq, code FROM quarantine WHERE resolved_at IS NULL ORDER BY incarnation, seq');
    return { gateway, newJournals, open, quarantine };
  }

  const help = (writer: Writer, count: number) =>
    Array.from({ length: count }, () => writer.plain('help', { ticket: randomUUID(), why: 'called' }));

  test('terminals take turns, also while one of them goes on sending', async () => {
    const { newJournals, open } = await stand();
    const terminals = [await newJournals(), await newJournals(), await newJournals()];
    for (const { terminal, writer } of terminals) await terminal.send(help(writer(1), 6));
    const worker = await open();
    const round = terminals.map(({ terminal }) => terminal.identity.terminalId).sort();
    const busiest = terminals.find(({ terminal }) => terminal.identity.terminalId === round[0]);
    const turns: string[] = [];
    for (;;) {
      const work = await worker.next(2);
      if (!work) break;
      turns.push(work.terminal);
      if (turns.length === 1) await busiest?.terminal.send(help(busiest.writer(2), 4));
      const findings = work.entries.map(() => ({ what: 'nothing' }) as const);
      expect(await worker.finish(work, findings, new Date())).toBe(true);
    }
    expect(turns).toEqual([...round, ...round, ...round, round[0], round[0]]);
  });

  test('work that fails again and again holds up nobody else', async () => {
    const { newJournals, open } = await stand();
    const terminals = [await newJournals(), await newJournals()];
    for (const { terminal, writer } of terminals) await terminal.send(help(writer(1), 1));
    const worker = await open();
    const [first, second, third] = [await worker.next(1), await worker.next(1), await worker.next(1)];
    expect(second?.terminal).not.toBe(first?.terminal);
    expect(third?.terminal).toBe(first?.terminal);
  });

  test('a key or a case that comes late has only those looked at again that wait for it', async () => {
    const { gateway, newJournals, quarantine } = await stand();
    const { terminal, writer } = await newJournals();
    const [early, late] = [writer(1), writer(2)];
    const day = late.dayKey();
    const cases = [1, 2, 3, 4].map(() => late.case(day.dayKey));
    const verified = (id: string) =>
      early.plain('verification', { case: id, worker: 'w1', outcome: 'confirmed', seen: [] });
    // Of a case that never comes, of the four that come, of a key that comes, and what waits for nothing.
    const waiting = [verified(randomUUID()), ...cases.map((each) => verified(each.case))];
    await terminal.send([...waiting, onWire(early.case(day.dayKey)), ...help(early, 40)]);
    expect(await gateway.drain()).toMatchObject({ seen: 46 });
    expect(await quarantine()).toHaveLength(6);

    const seen: number[] = [];
    for (const entry of [day.entry, ...cases.map(onWire)]) {
      await terminal.send([entry]);
      seen.push((await gateway.drain()).seen);
    }
    expect(seen).toEqual([2, 2, 2, 2, 2]);
    expect(await quarantine()).toEqual([{ incarnation: 1, seq: 1, code: 'no-case' }]);
    expect(await gateway.rows('SELECT state, count(*) AS cases FROM cases GROUP BY state ORDER BY state')).toEqual([
      { state: 'accepted', cases: 1 },
      { state: 'verified', cases: 4 },
    ]);
  });

  test('what waits is looked at again in portions, and an unfinished look is taken up again', async () => {
    const { gateway, newJournals, open, quarantine } = await stand();
    const { terminal, writer } = await newJournals();
    const [early, late] = [writer(1), writer(2)];
    const day = late.dayKey();
    await terminal.send([1, 2, 3, 4, 5].map(() => onWire(early.case(day.dayKey))));
    await gateway.drain();
    await terminal.send([day.entry]);
    const [first, second] = [
      await openIntake(gateway.address, { newEpoch: randomUUID, missing: 'refuse' }),
      await open(),
    ];
    const key = await first.next(10);
    if (!key) throw new Error('no work');
    const sealed = JSON.parse(Buffer.from(key.entries[0]?.body ?? []).toString()) as { open: never };
    expect(await first.finish(key, [{ what: 'day-key', key: sealed.open }], new Date())).toBe(true);

    const portion = await first.next(2);
    expect(portion).toMatchObject({ look: 'again', incarnation: 1, entries: [{ seq: 1 }, { seq: 2 }] });
    await first.close();
    const again = await second.next(2);
    if (!again) throw new Error('no work');
    expect(again.entries.map(({ seq }) => seq)).toEqual([1, 2]);
    const findings = again.entries.map(() => ({ what: 'nothing' }) as const);
    expect(await second.finish(again, findings, new Date())).toBe(true);
    // What another worker has done meanwhile is not done twice.
    expect(await second.finish(again, findings, new Date())).toBe(false);
    expect((await quarantine()).map(({ seq }) => seq)).toEqual([3, 4, 5]);
    expect(await gateway.drain()).toEqual({ seen: 3, invalid: 0 });
    expect(await quarantine()).toEqual([]);
    expect(await gateway.drain()).toEqual({ seen: 0, invalid: 0 });
  });
});
