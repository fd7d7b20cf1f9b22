import { describe, expect, test } from 'vitest';
import { takeAnchors } from '#gateway/audit/anchors.ts';
import { type Fault, type Verified, verifyStore } from '#gateway/audit/verify.ts';
import { checkShared, gatewayKeys } from '#gateway/identity/keys.ts';
import { Journal, link } from './client.ts';
import { onWire, Writer } from './sealing.ts';
import { runCli, startGateway } from './stand.ts';
import { sqliteStore, stores, type TestStore } from './stores.ts';

/** A store with a standard and a national terminal, two anchored days, and what a gateway meets: held, broken and unfit entries. */
async function filledStore(makeStore: () => Promise<TestStore>) {
  const made = await makeStore();
  const gateway = await startGateway(async () => made);
  const keys = gatewayKeys(made.keys);
  await checkShared(gateway.store, 'gateway', keys);
  const terminals = [await gateway.newTerminal(), await gateway.newTerminal('120103', 'national')];
  const writers = terminals.map(
    ({ identity }) => new Writer(identity, new Journal(identity.terminalId, 1, identity.suite)),
  );
  const send = async (count: number) => {
    for (const [i, writer] of writers.entries()) {
      const { entry, dayKey } = writer.dayKey();
      await terminals[i]?.send([entry, ...Array.from({ length: count }, () => onWire(writer.case(dayKey)))]);
    }
  };
  const anchor = (day: string) => takeAnchors(gateway.store, keys, day, new Date(`${day}T02:00:00Z`));
  await send(4);
  await anchor('2026-03-02');
  await send(2);
  await anchor('2026-03-03');
  const verify = async (kept: readonly string[] = []) => {
    const faults: Fault[] = [];
    const verified = await verifyStore(gateway.store, { kept, onFault: (fault) => faults.push(fault) });
    expect(verified.faults).toBe(faults.length);
    return { faults, verified };
  };
  const [standard, national] = terminals.map(({ identity }) => identity.terminalId);
  return { gateway, made, terminals, writers, standard, national, verify, anchor, send };
}

describe.each(stores)('on $name', ({ makeStore }) => {
  test('a store is sound, with both suites, what is held, broken and unfit, and what was erased', async () => {
    const { gateway, terminals, writers, verify, standard } = await filledStore(makeStore);
    const [terminal] = terminals;
    const [writer] = writers;
    if (!terminal || !writer) throw new Error('no terminal');
    const plain = () => writer.plain('help', { ticket: crypto.randomUUID(), why: 'called' });
    const [unfit, next, strange, after, gap, held] = [plain(), plain(), plain(), plain(), plain(), plain()];
    await terminal.send([
      { ...unfit, bodyHash: 'f'.repeat(64) },
      next,
      // Fit by itself, and linked to nothing: what follows is linked to it.
      strange,
    ]);
    const broken = link({ ...after, prevHash: 'e'.repeat(64) });
    await terminal.send([broken, held]);
    expect(gap.seq).toBe(held.seq - 1);
    // The first of them heals, and the intake looks at all.
    await terminal.send([unfit]);
    await gateway.drain();
    await gateway.change(`DELETE FROM wrapped_keys WHERE terminal = '${standard}'`);

    const { faults, verified } = await verify();
    expect(faults).toEqual([]);
    expect(verified).toMatchObject({ chains: 2, entries: 8 + 5 + 8, unfit: 0, days: 4, anchors: 4 });
    expect(verified.digests).toEqual({
      standard: { day: '2026-03-03', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      national: { day: '2026-03-03', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  test('an entry that only quarantine holds keeps its place; its line is checked, its keys may be erased', async () => {
    const { gateway, terminals, writers, verify, standard } = await filledStore(makeStore);
    const [draft, next] = [1, 2].map(() => writers[0]?.plain('help', { why: 'called' }));
    await terminals[0]?.send([{ ...draft, body: 'AAAA' }, next ?? {}]);
    await gateway.change('UPDATE quarantine SET keys = NULL');
    expect(await verify()).toMatchObject({ faults: [], verified: { unfit: 1 } });
    await gateway.change("UPDATE quarantine SET line = replace(line, 'help', 'case') WHERE takes_place");
    expect((await verify()).faults).toEqual([
      { code: 'line', at: { region: '120103', terminal: standard, incarnation: 1, seq: 9 } },
    ]);
  });

  test('what is gone is found, whatever the database', async () => {
    const { gateway, verify, standard, national } = await filledStore(makeStore);
    await gateway.change(`DELETE FROM entries WHERE terminal = '${standard}' AND seq IN (3, 8);
      DELETE FROM heads WHERE terminal = '${national}'; DELETE FROM anchor_days WHERE day = '2026-03-02'`);
    const { faults } = await verify();
    const chain = (terminal: string | undefined) => ({ region: '120103', terminal, incarnation: 1 });
    const of = (terminal: string | undefined) =>
      faults.filter(({ at }) => 'terminal' in at && at.terminal === terminal);
    expect(of(standard)).toEqual([
      { code: 'missing', at: { ...chain(standard), seq: 3 } },
      { code: 'missing', at: { ...chain(standard), seq: 8 } },
      { code: 'anchor', at: { ...chain(standard), seq: 8 } },
    ]);
    expect(of(national)).toEqual([{ code: 'no-head', at: chain(national) }]);
    expect(faults.filter(({ at }) => 'day' in at)).toEqual([
      { code: 'previous', at: { suite: 'standard', day: '2026-03-03' } },
      { code: 'previous', at: { suite: 'national', day: '2026-03-03' } },
    ]);
  });

  test('the command ends with 1 and says each fault on a line, and can keep to one terminal', async () => {
    const { gateway, made, national, standard } = await filledStore(makeStore);
    const verify = (...more: string[]) => runCli('verify', '--store', made.address.uri, ...more);
    const sound = await verify();
    expect(sound).toMatchObject({ code: 0, stderr: '' });
    const counts = JSON.parse(sound.stdout) as Verified;
    expect(counts).toMatchObject({ chains: 2, entries: 16, faults: 0 });
    await gateway.change(`DELETE FROM entries WHERE seq = 3 AND terminal = '${national}'`);
    const damaged = await verify();
    expect(damaged.code).toBe(1);
    expect(
      damaged.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { code: 'missing', at: { terminal: national, seq: 3 } },
      { chains: 2, entries: 15, faults: 1 },
    ]);
    expect(JSON.parse((await verify('--terminal', standard ?? '')).stdout)).toMatchObject({ chains: 1, faults: 0 });
    expect((await verify('--terminal', national ?? '')).code).toBe(1);
    expect(await verify('--terminal', 'nobody')).toMatchObject({ code: 1, stdout: '' });
    expect((await verify('--digest', 'short')).stderr).toContain('64 hexadecimal');
    expect((await verify('--digest', counts.digests.national?.digest ?? '', '--terminal', standard ?? '')).code).toBe(
      0,
    );
  });
});

describe('tampering with a SQLite file', () => {
  // What someone with the database in hand may do, and what is found of it at the standard terminal's chain.
  test.each<[name: string, sql: string, faults: [code: Fault['code'], seq?: number][]]>([
    ['a body', 'UPDATE entries SET body = zeroblob(1) WHERE seq = 3', [['body', 3]]],
    [
      'a body and its hash',
      `UPDATE entries SET body_hash = '${'0'.repeat(64)}' WHERE seq = 3`,
      [
        ['body', 3],
        ['hash', 3],
      ],
    ],
    ['a time', "UPDATE entries SET wall = '2026-03-02T09:31:00+08:00' WHERE seq = 3", [['hash', 3]]],
    ['a kind', "UPDATE entries SET kind = 'help' WHERE seq = 3", [['hash', 3]]],
    ['a missing offset', 'UPDATE entries SET server_offset_ms = 0 WHERE seq = 3', [['hash', 3]]],
    ['an entry that is gone', 'DELETE FROM entries WHERE seq = 3', [['missing', 3]]],
    ['the first that is gone', 'DELETE FROM entries WHERE seq = 1', [['missing', 1]]],
    [
      'the last that is gone',
      'DELETE FROM entries WHERE seq = 8',
      [
        ['missing', 8],
        ['anchor', 8],
      ],
    ],
    [
      'a hash',
      `UPDATE entries SET hash = '${'1'.repeat(64)}' WHERE seq = 3`,
      [
        ['hash', 3],
        ['link', 4],
      ],
    ],
    ['an entry set aside', "UPDATE entries SET state = 'broken' WHERE seq = 3", [['state', 3]]],
    ['a head', `UPDATE heads SET head_hash = '${'1'.repeat(64)}'`, [['head', 8]]],
    ['no head', 'DELETE FROM heads', [['no-head']]],
    [
      'the end cut off with its head',
      `UPDATE heads SET contiguous_seq = 7, max_seq = 7, head_hash = (SELECT hash FROM entries e
        WHERE e.terminal = heads.terminal AND seq = 7); DELETE FROM entries WHERE seq = 8`,
      [['anchor', 8]],
    ],
    ['all of it', 'DELETE FROM entries; DELETE FROM heads', [['no-head'], ['anchor', 5], ['anchor', 8]]],
  ])('%s is found at its place', async (_, sql, expected) => {
    const { gateway, standard, verify } = await filledStore(sqliteStore);
    const only = (statement: string) =>
      `${statement} ${statement.includes('WHERE seq') ? 'AND' : 'WHERE'} terminal = '${standard}'`;
    await gateway.change(sql.split(';').map(only).join(';'));
    const { faults } = await verify();
    const chain = { region: '120103', terminal: standard, incarnation: 1 };
    const at = (seq?: number) => (seq === undefined ? chain : { ...chain, seq });
    expect(faults).toEqual(expected.map(([code, seq]) => ({ code, at: at(seq) })));
  });

  test('an entry that is written anew with all its hashes and all that follow is found by the anchors', async () => {
    const { gateway, standard, writers, terminals, verify } = await filledStore(sqliteStore);
    await gateway.change(`DELETE FROM entries WHERE terminal = '${standard}';
      DELETE FROM wrapped_keys WHERE terminal = '${standard}'; DELETE FROM heads WHERE terminal = '${standard}'`);
    expect(writers).toHaveLength(2);
    const forged = new Writer(terminals[0]?.identity as never, new Journal(standard ?? ''));
    await terminals[0]?.send(Array.from({ length: 8 }, () => forged.plain('help', { why: 'called' })));
    const { faults } = await verify();
    expect(faults.map(({ code, at }) => [code, 'seq' in at && at.seq])).toEqual([
      ['anchor', 5],
      ['anchor', 8],
    ]);
  });

  test.each<[name: string, sql: string, codes: [Fault['code'], string][]]>([
    [
      'an anchor',
      `UPDATE anchors SET head_hash = '${'1'.repeat(64)}' WHERE suite = 'national' AND day = '2026-03-02'`,
      [
        ['anchor', ''],
        ['digest', '2026-03-02'],
      ],
    ],
    ['a day', "DELETE FROM anchor_days WHERE suite = 'national' AND day = '2026-03-02'", [['previous', '2026-03-03']]],
    [
      'a digest',
      `UPDATE anchor_days SET digest = '${'1'.repeat(64)}' WHERE suite = 'national' AND day = '2026-03-02'`,
      [
        ['digest', '2026-03-02'],
        ['signature', '2026-03-02'],
        ['previous', '2026-03-03'],
      ],
    ],
    [
      'a time',
      "UPDATE anchor_days SET taken_at = '2026-03-02T03:00:00.000Z' WHERE suite = 'national' AND day = '2026-03-02'",
      [['digest', '2026-03-02']],
    ],
    [
      'a signature',
      "UPDATE anchor_days SET signature = 'AAAA' WHERE suite = 'national' AND day = '2026-03-03'",
      [['signature', '2026-03-03']],
    ],
    [
      'a standard signature',
      "UPDATE anchor_days SET signature = 'AAAA' WHERE suite = 'standard' AND day = '2026-03-03'",
      [['signature', '2026-03-03']],
    ],
    [
      'a signer',
      "UPDATE anchor_days SET public_key = 'x' WHERE suite = 'national' AND day = '2026-03-03'",
      [['key', '2026-03-03']],
    ],
  ])('%s that was changed is found at its day', async (_, sql, codes) => {
    const { gateway, verify } = await filledStore(sqliteStore);
    await gateway.change(sql);
    const { faults } = await verify();
    expect(faults.map(({ code, at }) => [code, 'day' in at ? at.day : ''])).toEqual(codes);
  });

  test('a digest that was kept elsewhere must still be there, whatever was signed anew', async () => {
    const { gateway, verify, anchor } = await filledStore(sqliteStore);
    const kept = (await verify()).verified.digests.standard?.digest ?? '';
    expect((await verify([kept])).faults).toEqual([]);
    await gateway.change('DELETE FROM anchors; DELETE FROM anchor_days');
    await anchor('2026-03-04');
    expect((await verify()).faults).toEqual([]);
    expect((await verify([kept])).faults).toEqual([{ code: 'no-digest', at: { digest: kept } }]);
  });
});
