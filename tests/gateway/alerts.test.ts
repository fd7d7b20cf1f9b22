import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { watch } from '#gateway/audit/watch.ts';
import { checkShared, gatewayKeys } from '#gateway/identity/keys.ts';
import { StoreBusy } from '#gateway/store/busy.ts';
import { BEAT, Client, Journal } from './client.ts';
import { Writer } from './sealing.ts';
import { runCli, startGateway } from './stand.ts';
import { stores, type TestStore } from './stores.ts';

const HOUR_MS = 3_600_000;
async function watched(makeStore: () => Promise<TestStore>) {
  const made = await makeStore();
  const gateway = await startGateway(async () => made);
  const keys = gatewayKeys(made.keys);
  await checkShared(gateway.store, 'gateway', keys);
  const logged: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) });
  const start = (store = gateway.store) =>
    watch({ store, keys, log, now: gateway.clock.now, anchorHour: 2, gapMs: 24 * HOUR_MS });
  const { identity, key } = await gateway.newTerminal();
  const terminal = new Client(gateway.url, identity, key, gateway.clock.now);
  const { terminalId, suite } = terminal.identity;
  return {
    gateway,
    made,
    terminal,
    terminalId,
    writer: new Writer(terminal.identity, new Journal(terminalId, 1, suite)),
    start,
    /** Alerts that were logged since the last look. */
    said: () => logged.splice(0).flatMap(({ msg, alert }) => (alert ? [[msg, (alert as { kind: string }).kind]] : [])),
    logged,
  };
}

describe.each(stores)('on $name', ({ makeStore }) => {
  test('a gap is an alert once it is old, is logged once, and once when it is filled', async () => {
    const { gateway, terminal, terminalId, writer, start, said } = await watched(makeStore);
    const [first, missing, held] = [1, 2, 3].map(() => writer.plain('help', { why: 'called' }));
    await terminal.send([first ?? {}, held ?? {}]);
    const { round } = start();
    await round();
    expect(said()).toEqual([]);
    gateway.clock.offsetMs = 25 * HOUR_MS;
    await terminal.heartbeat(BEAT);
    await round();
    await round();
    expect(said()).toEqual([['an alert began', 'gap']]);
    const now = gateway.clock.now();
    const [alert] = await gateway.store.alerts(now, new Date(0));
    expect(alert).toMatchObject({
      kind: 'gap',
      region: '120103',
      terminal: terminalId,
      incarnation: 1,
      firstMissing: 2,
    });
    expect((now.getTime() - Date.parse(alert?.since ?? '')) / HOUR_MS).toBeCloseTo(25, 1);
    await terminal.send([missing ?? {}]);
    await round();
    await round();
    expect(said()).toEqual([['an alert ended', 'gap']]);
    expect(await gateway.store.alerts(now, new Date(0))).toEqual([]);
  });

  test('a terminal that missed three heartbeats is an alert, but not before the gateway could hear it, nor when revoked', async () => {
    const { gateway, terminal, terminalId, start, said } = await watched(makeStore);
    expect((await terminal.heartbeat(BEAT)).status).toBe(200);
    gateway.clock.offsetMs = HOUR_MS;
    const { round } = start();
    await round();
    expect(said()).toEqual([]);
    gateway.clock.offsetMs += 181_000;
    await round();
    await round();
    expect(said()).toEqual([['an alert began', 'silent']]);
    expect((await terminal.heartbeat(BEAT)).status).toBe(200);
    await round();
    expect(said()).toEqual([['an alert ended', 'silent']]);
    gateway.clock.offsetMs += 181_000;
    const silent = async () => gateway.store.alerts(new Date(0), new Date(gateway.clock.now().getTime() - 180_000));
    expect(await silent()).toMatchObject([{ kind: 'silent', terminal: terminalId }]);
    await gateway.store.revoke(terminalId);
    expect(await silent()).toEqual([]);
  });

  test('quarantine is an alert for each reason, until the good entry comes', async () => {
    const { gateway, terminal, terminalId, writer, start, said } = await watched(makeStore);
    const [one, two] = [1, 2].map(() => writer.plain('help', { ticket: terminalId, why: 'called' }));
    const bad = writer.plain('rating', { level: 9 });
    await terminal.send([{ ...one, body: 'AAAA' }, { ...two, body: 'AAAA' }, bad]);
    await gateway.drain();
    const { round } = start();
    await round();
    expect(said()).toEqual([
      ['an alert began', 'quarantine'],
      ['an alert began', 'quarantine'],
    ]);
    const found = () => gateway.store.alerts(new Date(0), new Date(0));
    const chain = { kind: 'quarantine', region: '120103', terminal: terminalId };
    const at = (...seqs: number[]) => ({ entries: seqs.length, places: seqs.map((seq) => ({ incarnation: 1, seq })) });
    const counted = async () => [
      (await gateway.store.counts()).quarantined,
      (await gateway.store.figures(new Date())).quarantined,
    ];
    expect(await found()).toMatchObject([
      { ...chain, code: 'body-hash', ...at(1, 2) },
      { ...chain, code: 'open', ...at(3) },
    ]);
    expect(await counted()).toEqual([3, 3]);
    await terminal.send([one ?? {}, two ?? {}]);
    expect(await counted()).toEqual([1, 1]);
    await round();
    expect(said()).toEqual([['an alert ended', 'quarantine']]);
    expect(await found()).toMatchObject([{ ...chain, code: 'open', entries: 1 }]);
  });

  test('an alert of many names the first places, oldest first, each once', async () => {
    const { gateway, terminal, writer } = await watched(makeStore);
    const entries = Array.from({ length: 25 }, () => writer.plain('help', { why: 'called' }));
    await terminal.send(entries.map((entry) => ({ ...entry, body: 'AAAA' })).toReversed());
    await terminal.send([{ ...entries[0], body: 'BBBB' }]);
    const [alert] = await gateway.store.alerts(new Date(0), new Date(0));
    const places = Array.from({ length: 20 }, (_, i) => ({ incarnation: 1, seq: i + 1 }));
    expect(alert).toMatchObject({ code: 'body-hash', entries: 26, places });
  });

  test('what met a chain of another disk is an alert until it comes in a new incarnation', async () => {
    const { gateway, terminal, terminalId } = await watched(makeStore);
    const draft = () => {
      const body = Buffer.from(JSON.stringify({ v: 1, open: { ticket: randomUUID(), why: 'called' }, sealed: null }));
      return { id: randomUUID(), kind: 'help' as const, body, keys: [] };
    };
    const chainOf = (incarnation: number, drafts: ReturnType<typeof draft>[]) => {
      const journal = new Journal(terminalId, incarnation);
      return drafts.map((each) => journal.add(each));
    };
    const [first, second, third, fourth] = [draft(), draft(), draft(), draft()];
    const own = chainOf(1, [first, second, third]);
    const copy = chainOf(1, [first, draft()]);
    const fork = chainOf(1, [draft(), draft(), draft(), fourth]);
    // The third is held, and torn by the copy's second; the own second has no place left, and the fourth follows nobody.
    for (const entry of [own[0], own[2], copy[1], own[1], fork[3]]) await terminal.send([entry ?? {}]);
    await gateway.drain();
    const found = async () => {
      const alerts = await gateway.store.alerts(new Date(0), new Date(0));
      const quarantined = alerts.flatMap((alert) => (alert.kind === 'quarantine' ? [[alert.code, alert.entries]] : []));
      return [quarantined, (await gateway.store.counts()).quarantined];
    };
    const all = [
      [
        ['chain', 2],
        ['conflict', 1],
      ],
      3,
    ];
    expect(await found()).toEqual(all);

    // Something else that comes, and the same at its old place, settle nothing.
    const again = chainOf(2, [draft(), second, third, fourth]);
    await terminal.send([again[0] ?? {}]);
    await terminal.send([own[1] ?? {}, own[2] ?? {}, fork[3] ?? {}]);
    expect(await found()).toEqual(all);
    await terminal.send(again.slice(1, 3));
    expect(await found()).toEqual([[['chain', 1]], 1]);
    await terminal.send(again.slice(3));
    expect(await found()).toEqual([[], 0]);
    await terminal.send([own[1] ?? {}, own[2] ?? {}, fork[3] ?? {}]);
    expect(await found()).toEqual([[], 0]);
  });

  test('the command prints what is amiss with its age', async () => {
    const { made, terminal, terminalId, writer, gateway } = await watched(makeStore);
    await terminal.heartbeat(BEAT);
    await terminal.send([{ ...writer.plain('help', { why: 'called' }), body: 'AAAA' }]);
    const { code, stdout } = await runCli('alerts', '--store', made.address.uri);
    expect(code).toBe(0);
    const { alerts } = JSON.parse(stdout) as { alerts: { ageSeconds: number }[] };
    expect(alerts).toEqual([
      {
        kind: 'quarantine',
        region: '120103',
        terminal: terminalId,
        code: 'body-hash',
        entries: 1,
        places: [{ incarnation: 1, seq: 1 }],
        since: expect.any(String),
        ageSeconds: expect.any(Number),
      },
    ]);
    expect(alerts[0]?.ageSeconds).toBeLessThan(600);
    expect(gateway.logged.join('')).not.toContain('"level":60');
  });

  test("a day's anchors are taken once, by one of several gateways, at the hour of the district's time; missed ones by the next start", async () => {
    const { gateway, terminal, writer, start } = await watched(makeStore);
    const days = async () =>
      (await gateway.store.anchorDays('standard', '', 10)).map(({ day, takenAt }) => [day, takenAt.slice(0, 13)]);
    const at = (time: string) => {
      gateway.clock.offsetMs = Date.parse(time) - Date.now();
    };
    at('2031-05-01T17:30:00Z');
    const [first, second] = [start(), start()];
    await Promise.all([first.round(), second.round(), start().round()]);
    // 01:30 in the district: the day before has begun at 02:00.
    expect(await days()).toEqual([['2031-05-01', '2031-05-01T17']]);
    at('2031-05-01T18:01:00Z');
    await terminal.send([writer.plain('help', { why: 'called' })]);
    await Promise.all([first.round(), second.round()]);
    await first.round();
    at('2031-05-04T09:00:00Z');
    await start().round();
    await second.round();
    expect(await days()).toEqual([
      ['2031-05-01', '2031-05-01T17'],
      ['2031-05-02', '2031-05-01T18'],
      ['2031-05-04', '2031-05-04T09'],
    ]);
    // Only where the head moved.
    expect(await gateway.store.anchors('standard', '2031-05-02')).toMatchObject([{ contiguousSeq: 1 }]);
    expect(await gateway.store.anchors('standard', '2031-05-04')).toEqual([]);
    // A clock that is set back takes no day twice.
    at('2031-05-03T09:00:00Z');
    await start().round();
    expect(await days()).toHaveLength(3);
  });

  test('the anchors are printed, and those of one day with their terminals', async () => {
    const { gateway, made, terminal, terminalId, writer, start } = await watched(makeStore);
    const entry = writer.plain('help', { why: 'called' });
    await terminal.send([entry]);
    gateway.clock.offsetMs = Date.parse('2031-05-02T09:00:00Z') - Date.now();
    await start().round();
    const anchors = async (...more: string[]) => {
      const { stdout } = await runCli('anchors', '--store', made.address.uri, ...more);
      return stdout
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
    };
    const day = { day: '2031-05-02', epoch: await gateway.store.epoch(), previousDigest: '0'.repeat(64) };
    expect(await anchors()).toMatchObject([
      { ...day, suite: 'standard' },
      { ...day, suite: 'national' },
    ]);
    expect(await anchors('--day', '2031-05-02')).toMatchObject([
      { anchors: [{ region: '120103', terminal: terminalId, incarnation: 1, contiguousSeq: 1, headHash: entry.hash }] },
      { anchors: [] },
    ]);
    expect((await runCli('anchors', '--store', made.address.uri, '--day', '2031-05-03')).stdout).toBe('');
    expect((await runCli('anchors', '--store', made.address.uri, '--day', 'today')).stderr).toContain('YYYY-MM-DD');
  });

  test('a store that is away makes a round wait for the next one', async () => {
    const { gateway, start, logged } = await watched(makeStore);
    let away = true;
    const store = {
      ...gateway.store,
      alerts: async (...args: Parameters<typeof gateway.store.alerts>) => {
        if (away) throw new StoreBusy('ECONNREFUSED');
        return gateway.store.alerts(...args);
      },
    };
    const { round } = start(store);
    await round();
    expect(logged.at(-1)).toMatchObject({ level: 40, code: 'ECONNREFUSED' });
    away = false;
    const before = logged.length;
    await round();
    expect(logged).toHaveLength(before);
  });

  test('an archive that fails is told, and keeps no alert back', async () => {
    const { gateway, terminal, writer, start, said, logged } = await watched(makeStore);
    const store = {
      ...gateway.store,
      archive: async () => {
        throw Object.assign(new Error('PostgreSQL refused: 42501'), { code: '42501' });
      },
    };
    const [first, , held] = [1, 2, 3].map(() => writer.plain('help', { why: 'called' }));
    await terminal.send([first ?? {}, held ?? {}]);
    gateway.clock.offsetMs = 25 * HOUR_MS;
    await terminal.heartbeat(BEAT);
    await start(store).round();
    expect(logged.at(-1)).toMatchObject({ level: 50, code: '42501' });
    expect(said()).toEqual([['an alert began', 'gap']]);
  });
});
