import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { StoreWriteError } from '#main/service/store/errors.ts';
import { helpEntry } from '../journal/fixture.ts';
import { newFolders, openData } from '../store/fixture.ts';
import { newTerminal, type Rig, rig } from './fixture.ts';
import type { Fault } from './gateway.ts';

const seqs = (entries: readonly { seq: number }[]) => entries.map(({ seq }) => seq);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('sending', () => {
  it('brings every entry over in order and hears an answer for each', async () => {
    const r = await rig({ entries: 4 });
    await r.drain();
    expect(seqs(r.gateway.chain(1))).toEqual(upTo(5));
    expect(seqs(r.acknowledged)).toEqual(upTo(5));
    expect(r.acknowledged.every(({ result }) => result === 'stored')).toBe(true);
    expect(r.engine.status).toMatchObject({ network: 'online', state: { at: 'online' }, unsynced: 0 });
    expect(r.gateway.forged).toBe(0);
    expect(r.events.map(({ event }) => event)).not.toContain('sync.epoch-changed');
  });

  it('sends what is appended later soon, without the idle wait', async () => {
    const r = await rig();
    await r.drain();
    await r.run(() => r.time.delays.includes(60_000));
    const before = r.time.monotonicMs();
    r.write(helpEntry());
    await r.drain();
    expect(r.time.monotonicMs() - before).toBeLessThan(10);
  });

  it('cuts a long journal into batches of at most 200', async () => {
    const r = await rig({ entries: 449 });
    await r.drain();
    expect(r.gateway.batches.map((batch) => batch.length)).toEqual([200, 200, 50]);
    expect(seqs(r.gateway.chain(1))).toEqual(upTo(450));
  });

  it('tells the screen of each change', async () => {
    const r = await rig({ entries: 1 });
    const seen: [string, number][] = [];
    r.engine.onChange(({ network, unsynced }) => seen.push([network, unsynced]));
    await r.drain();
    await r.run(() => seen.at(-1)?.[1] === 0);
    expect(seen.at(-1)).toEqual(['online', 0]);
  });
});

describe('the start', () => {
  it('is spread over five seconds, so that terminals that get power back together do not come as one', async () => {
    const firsts: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      const r = await rig({ seed: `terminal ${i}` });
      firsts.push(r.delays[0] ?? -1);
      await r.drain();
      expect(r.time.monotonicMs()).toBeGreaterThanOrEqual(r.delays[0] ?? 0);
      await r.engine.stop();
    }
    expect(Math.min(...firsts)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...firsts)).toBeLessThanOrEqual(5_000);
    expect(new Set(firsts.map((ms) => Math.floor(ms / 1_000))).size).toBeGreaterThan(2);
  });
});

describe('answers that are no receipt', () => {
  const faults: readonly [string, Fault][] = [
    ['no connection', { fault: 'refused-connection' }],
    ['lost after the district stored the batch', { fault: 'lost' }],
    ['cut in the middle', { fault: 'cut' }],
    ['a login page with status 200', { fault: 'html', status: 200 }],
    ["a proxy's 403", { fault: 'html', status: 403 }],
    ['not signed', { fault: 'unsigned' }],
    ['signed by another key', { fault: 'foreign-key' }],
    ['the signature of an earlier answer', { fault: 'replayed' }],
    ['altered on the way', { fault: 'altered' }],
    ['signed but of another shape', { fault: 'rubbish' }],
    ['the district failed', { fault: 'status', status: 500, code: 'failed' }],
  ];

  it.each(faults)('%s: nothing is taken as delivered, nothing is lost or doubled', async (_what, fault) => {
    const r = await rig({ entries: 3 });
    r.gateway.faults = [fault];
    await r.run(() => r.gateway.faults.length === 0);
    await r.engine.settled();
    expect(r.acknowledged).toEqual([]);
    expect(r.engine.status).toMatchObject({ network: 'offline', state: { at: 'offline' }, unsynced: 4 });
    await r.drain();
    expect(seqs(r.gateway.chain(1))).toEqual(upTo(4));
    expect(seqs(r.acknowledged)).toEqual(upTo(4));
    expect(r.engine.status.quarantined).toBe(0);
  });

  it.each(faults)(
    '%s, to the question for the cursor: nothing is sent, and it is asked again',
    async (_what, fault) => {
      const r = await rig({ entries: 3 });
      r.gateway.cursorFaults = [fault];
      await r.run(() => r.gateway.cursorFaults.length === 0);
      await r.engine.settled();
      expect(r.gateway.batches).toEqual([]);
      expect(r.engine.status.network).toBe('offline');
      await r.drain();
      expect(seqs(r.acknowledged)).toEqual(upTo(4));
      expect(r.journal.incarnation).toBe(1);
    },
  );

  it('of a batch that was stored, the lost answer is heard as "duplicate"', async () => {
    const r = await rig({ entries: 2 });
    r.gateway.faults = [{ fault: 'lost' }];
    await r.drain();
    expect(r.acknowledged.map(({ result }) => result)).toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(r.gateway.batches.length).toBe(2);
  });
});

describe('an entry that the district cannot use', () => {
  it('stays visible in quarantine, and the others go on', async () => {
    const r = await rig({ entries: 4 });
    r.gateway.poison.add(3);
    await r.drain();
    expect(r.acknowledged.map(({ seq, result }) => [seq, result])).toEqual([
      [1, 'stored'],
      [2, 'stored'],
      [3, 'quarantined'],
      [4, 'stored'],
      [5, 'stored'],
    ]);
    expect(r.engine.status.quarantined).toBe(1);
    expect(r.events).toContainEqual(expect.objectContaining({ event: 'sync.quarantined', seq: 3, code: 'body' }));
  });
});

describe('patience', () => {
  it('halves a batch that is too large until it passes', async () => {
    const r = await rig({ entries: 20 });
    r.gateway.maxBytes = 5_000;
    await r.drain();
    expect(Math.max(...r.gateway.batches.map((batch) => batch.length))).toBeLessThan(10);
    expect(seqs(r.gateway.chain(1))).toEqual(upTo(21));
  });

  it('stops and tells staff when one entry alone is too large', async () => {
    const r = await rig({ entries: 1 });
    r.gateway.maxBytes = 10;
    await r.run(() => r.engine.status.state.at === 'stopped');
    expect(r.engine.status.state).toMatchObject({ code: 'too-large' });
    expect(r.engine.status.unsynced).toBe(2);
  });

  it.each([
    ['the cursor', (r: Rig, fault: Fault) => (r.gateway.cursorFaults = [fault])],
    ['one entry alone', (r: Rig, fault: Fault) => (r.gateway.faults = [fault])],
  ])("takes a proxy's 413 to %s for what it is, and tries again soon", async (_what, lay) => {
    const r = await rig();
    lay(r, { fault: 'html', status: 413 });
    await r.run(() => r.engine.status.state.at === 'offline');
    expect(r.engine.status.state).toMatchObject({ why: expect.stringContaining('not-the-gateway') });
    await r.drain();
    expect(r.time.monotonicMs()).toBeLessThan(10_000);
  });

  it("halves a batch on a proxy's 413 too: that costs nothing", async () => {
    const r = await rig({ entries: 7 });
    r.gateway.faults = [{ fault: 'html', status: 413 }];
    await r.drain();
    expect(r.gateway.batches[0]).toHaveLength(4);
    expect(r.events.map(({ event }) => event)).not.toContain('sync.offline');
  });

  it.each(['malformed', 'digest', 'too-large'])('tries again five minutes after a stop for %s', async (code) => {
    const r = await rig();
    r.gateway.faults = [{ fault: 'status', status: code === 'too-large' ? 413 : 400, code }];
    await r.run(() => r.engine.status.state.at === 'stopped');
    const stoppedAt = r.time.monotonicMs();
    r.write(helpEntry());
    await r.drain();
    expect(r.time.monotonicMs() - stoppedAt).toBeGreaterThanOrEqual(300_000);
    expect(r.time.monotonicMs() - stoppedAt).toBeLessThan(301_000);
    expect(r.engine.network).toBe('online');
  });

  it.each([
    ['429 with seconds', 429, '90'],
    ['503 with a date', 503, 'Mon, 02 Mar 2026 01:01:30 GMT'],
  ])('obeys Retry-After: %s', async (_what, status, retryAfter) => {
    const r = await rig({ entries: 1 });
    r.gateway.faults = [{ fault: 'status', status, code: 'busy', retryAfter }];
    await r.run(() => r.gateway.faults.length === 0);
    r.write(helpEntry());
    await r.drain();
    expect(r.time.monotonicMs()).toBeGreaterThanOrEqual(88_000);
  });

  it('waits longer with each failure, never above five minutes, and never twice the same', async () => {
    const r = await rig();
    r.gateway.cursorFaults = Array.from({ length: 25 }, () => ({ fault: 'refused-connection' as const }));
    await r.run(() => r.gateway.cursorFaults.length === 0);
    await r.engine.settled();
    // Beside the waits there are the two of the start, the heartbeat's minutes and news for the screen.
    const waits = r.delays.slice(2).filter((ms) => ms !== 60_000 && ms !== 0);
    expect(waits.length).toBe(25);
    for (const [i, wait] of waits.entries()) expect(wait).toBeLessThanOrEqual(Math.min(1_000 * 2 ** i, 300_000));
    expect(Math.max(...waits)).toBeGreaterThan(150_000);
    expect(new Set(waits).size).toBe(25);
  });

  it('"send now" ends a back-off', async () => {
    const r = await rig({ entries: 1 });
    r.gateway.cursorFaults = Array.from({ length: 12 }, () => ({ fault: 'refused-connection' as const }));
    await r.run(() => r.gateway.cursorFaults.length === 0);
    await r.engine.settled();
    const before = r.time.monotonicMs();
    r.engine.sendNow();
    await r.drain();
    expect(r.time.monotonicMs() - before).toBeLessThan(10);
  });

  it('stops on a refusal that patience cannot mend, loses nothing, and goes on when the district has mended it', async () => {
    const r = await rig({ entries: 1 });
    r.gateway.faults = [{ fault: 'status', status: 403, code: 'revoked' }];
    await r.run(() => r.engine.status.state.at === 'stopped');
    expect(r.engine.status).toMatchObject({ state: { code: 'revoked' }, network: 'offline', unsynced: 2 });
    expect(r.events).toContainEqual(
      expect.objectContaining({ level: 'error', event: 'sync.stopped', code: 'revoked' }),
    );
    await r.drain();
    expect(r.gateway.heartbeats.length).toBeGreaterThan(0);
    expect(r.engine.status.state.at).toBe('online');
  });
});

describe('clocks', () => {
  it.each([365, -365])(
    'a clock that is %i days wrong is found out by the signed refusal and remembered',
    async (days) => {
      const data = openData();
      data.time.wallErrorMs = days * 86_400_000;
      const r = await rig({ data, entries: 1 });
      await r.drain();
      const offset = Number(r.store.meta('server-offset-ms'));
      expect(Math.abs(offset + days * 86_400_000)).toBeLessThan(1_000);
      r.write(helpEntry());
      await r.drain();
      expect(r.gateway.chain(1).at(-1)?.at.serverOffsetMs).toBe(offset);
    },
  );
});

describe('a district that was restored from a backup', () => {
  it('gets again what it has lost', async () => {
    const r = await rig({ entries: 5 });
    await r.drain();
    r.gateway.restore(1, 2);
    await r.run(() => r.gateway.chain(1).length === 6);
    await r.drain();
    expect(seqs(r.gateway.chain(1))).toEqual(upTo(6));
    expect(r.events).toContainEqual(expect.objectContaining({ event: 'sync.rewound', seq: 2, entries: 4 }));
    expect(r.journal.incarnation).toBe(1);
  });

  it('gets again what it has lost of older incarnations too', async () => {
    const r = await rig({ entries: 3 });
    await r.drain();
    await r.outbox.beginIncarnation(2);
    r.write(helpEntry());
    await r.drain();
    r.gateway.restore(1, 1);
    await r.run(() => r.gateway.chain(1).length === 4);
    await r.drain();
    expect(seqs(r.gateway.chain(1))).toEqual(upTo(4));
    expect(seqs(r.gateway.chain(2))).toEqual([1]);
  });
});

describe("a terminal's disk that was restored or cloned", () => {
  it('sends nothing before a carrying that was cut short has come to its end', async () => {
    const r = await rig({ entries: 700 });
    const transaction = r.store.transaction.bind(r.store);
    let writes = 0;
    const spied = vi.spyOn(r.store, 'transaction').mockImplementation((work) => {
      writes += 1;
      if (writes > 2) throw new StoreWriteError('store-failed', 'the power is gone');
      return transaction(work);
    });
    await expect(r.outbox.beginIncarnation(2)).rejects.toThrow('the power is gone');
    spied.mockRestore();
    const written = r.store.db.prepare('SELECT id FROM entry WHERE incarnation = 1 ORDER BY seq').pluck().all();
    await r.drain();
    expect(r.gateway.chain(1)).toEqual([]);
    expect(r.gateway.chain(2).map(({ id }) => id)).toEqual(written);
    expect(r.events).toContainEqual(
      expect.objectContaining({ event: 'sync.new-incarnation', incarnation: 2, carried: 201 }),
    );
  });

  it('begins a new incarnation and brings over what was written since', async () => {
    const terminal = await newTerminal(openData().time);
    const folders = newFolders();
    const original = await rig({ data: openData(folders), terminal, entries: 2 });
    await original.drain();
    original.store.db.pragma('wal_checkpoint(TRUNCATE)');
    const copy = newFolders();
    mkdirSync(copy.etc);
    copyFileSync(join(folders.etc, 'store.key'), join(copy.etc, 'store.key'));
    copyFileSync(join(folders.data, 'terminal.sqlite'), join(copy.data, 'terminal.sqlite'));

    // The original goes on; then the image of before comes to life.
    original.write(helpEntry());
    original.write(helpEntry());
    await original.drain();
    await original.engine.stop();
    const district = terminal.gateway.chain(1).map(({ hash }) => hash);

    const restored = await rig({ data: openData(copy), terminal, entries: 2 });
    const written = restored.outbox.counts().unsynced;
    await restored.drain();
    expect(restored.journal.incarnation).toBe(2);
    expect(terminal.gateway.chain(1).map(({ hash }) => hash)).toEqual(district);
    expect(seqs(terminal.gateway.chain(2))).toEqual(upTo(written));
    expect(restored.engine.status.quarantined).toBe(0);
    expect(verifyJournal(restored.file).ok).toBe(true);
    expect(restored.events).toContainEqual(
      expect.objectContaining({ event: 'sync.new-incarnation', incarnation: 2, carried: written }),
    );
  });

  it('never takes up an incarnation that began after its image, so that no receipt number is given twice', async () => {
    const terminal = await newTerminal(openData().time);
    const folders = newFolders();
    const original = await rig({ data: openData(folders), terminal, entries: 2 });
    await original.drain();
    original.store.db.pragma('wal_checkpoint(TRUNCATE)');
    const copy = newFolders();
    mkdirSync(copy.etc);
    copyFileSync(join(folders.etc, 'store.key'), join(copy.etc, 'store.key'));
    copyFileSync(join(folders.data, 'terminal.sqlite'), join(copy.data, 'terminal.sqlite'));
    await original.outbox.beginIncarnation(2);
    original.write(helpEntry());
    await original.drain();
    await original.engine.stop();

    const restored = await rig({ data: openData(copy), terminal, entries: 2 });
    await restored.drain();
    const begun = restored.events.filter(({ event }) => event === 'sync.new-incarnation');
    expect(begun.map(({ incarnation }) => incarnation)).toEqual([3]);
    expect(restored.engine.status.quarantined).toBe(0);
  });

  it('also when the two meet only in the middle of a batch: the conflict is carried over, nothing is lost', async () => {
    const r = await rig({ entries: 1 });
    await r.drain();
    const [, second] = r.gateway.chain(1);
    if (!second) throw new Error('no entry');
    r.gateway.chains.get(1)?.set(3, { entry: { ...second, seq: 3, hash: 'f'.repeat(64) } });
    // The cursor was heard before the other one wrote its third entry.
    const answered = r.acknowledged.length;
    r.write(helpEntry());
    await r.run(() => r.acknowledged.length > answered);
    await r.drain();
    expect(r.journal.incarnation).toBeGreaterThan(1);
    const ids = [...r.gateway.chains.values()].flatMap((chain) => [...chain.values()].map(({ entry }) => entry.id));
    expect(ids).toContain(r.acknowledged.at(-1)?.id);
    expect(r.engine.status.quarantined).toBe(0);
  });
});

describe('a disk that takes nothing', () => {
  it('lets the engine be made, before anything was ever heard', async () => {
    const r = await rig();
    expect(r.outbox.epoch).toBeNull();
    r.store.db.pragma('query_only = ON');
    await r.run(() => r.events.some(({ event }) => event === 'sync.not-written'));
    r.store.db.pragma('query_only = OFF');
    await r.drain();
    expect(r.outbox.epoch).toBe('epoch-1');
  });

  it('costs no restart: the answers are asked for again when it takes them', async () => {
    const r = await rig({ entries: 2 });
    r.store.db.pragma('query_only = ON');
    await r.run(() => r.gateway.heartbeats.length > 0 && r.events.some(({ event }) => event === 'sync.not-written'));
    expect(r.acknowledged).toEqual([]);
    r.store.db.pragma('query_only = OFF');
    await r.drain();
    expect(seqs(r.acknowledged)).toEqual(upTo(3));
  });
});

describe('the heartbeat', () => {
  it('tells once a minute how the terminal is', async () => {
    const r = await rig({ entries: 2 });
    r.gateway.cursorFaults = Array.from({ length: 40 }, () => ({ fault: 'refused-connection' as const }));
    await r.run(() => r.gateway.heartbeats.length === 3);
    expect(r.time.monotonicMs()).toBeGreaterThanOrEqual(120_000);
    expect(r.gateway.heartbeats[2]).toEqual({
      software: 'yichuang 0.1.0',
      catalogue: 'c'.repeat(64),
      devices: { idCard: 'ready' },
      diskFreeBytes: 1,
      sync: 'offline',
      unsynced: 3,
      quarantined: 0,
      oldestUnsyncedSeconds: 125,
    });
  });

  it('tells that the way is stopped, and how many entries were of no use', async () => {
    const r = await rig({ entries: 2 });
    r.gateway.poison.add(2);
    await r.drain();
    r.gateway.faults = [{ fault: 'status', status: 400, code: 'malformed' }];
    r.write(helpEntry());
    const beats = r.gateway.heartbeats.length;
    await r.run(() => r.gateway.heartbeats.length > beats);
    expect(r.gateway.heartbeats.at(-1)).toMatchObject({ sync: 'stopped', quarantined: 1, unsynced: 1 });
  });
});
