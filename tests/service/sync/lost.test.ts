import { describe, expect, it } from 'vitest';
import { Outbox } from '#main/service/journal/outbox.ts';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { helpEntry, TERMINAL } from '../journal/fixture.ts';
import { openData } from '../store/fixture.ts';
import { type Rig, rig } from './fixture.ts';

const seqs = (r: Rig, incarnation: number) => r.gateway.chain(incarnation).map(({ seq }) => seq);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

/** Entries up to this sequence lose their bodies, as after the horizon. */
function compact(r: Rig, incarnation: number, seq: number): void {
  r.store.db
    .prepare(
      "UPDATE entry SET body = x'', compacted_at = 'then' WHERE incarnation = ? AND seq <= ? AND answer = 'stored'",
    )
    .run(incarnation, seq);
}

/** Of six entries that the district had, it has two left, and bodies are here from the sixth on. */
async function lost(): Promise<Rig> {
  const r = await rig({ entries: 5 });
  await r.drain();
  compact(r, 1, 5);
  r.gateway.restore(1, 2);
  await r.run(() => r.engine.status.lost.length > 0);
  return r;
}

describe('a district that was restored from a backup older than the horizon', () => {
  it('is told of to staff, and stops nothing: what is left and what comes goes on in a new incarnation', async () => {
    const r = await lost();
    expect(r.engine.status.lost).toEqual([{ incarnation: 1, from: 3, to: 5 }]);
    expect(r.events).toContainEqual(
      expect.objectContaining({ level: 'error', event: 'sync.lost', incarnation: 1, from: 3, to: 5 }),
    );
    r.write(helpEntry());
    await r.drain();
    expect(r.journal.incarnation).toBe(2);
    expect(seqs(r, 1)).toEqual([1, 2]);
    expect(seqs(r, 2)).toEqual([1, 2]);
    const [sixth] = r.store.db.prepare('SELECT id FROM entry WHERE incarnation = 1 AND seq = 6').pluck().all();
    expect(r.gateway.chain(2)[0]?.id).toBe(sixth);
    expect(r.engine.status).toMatchObject({ state: { at: 'online' }, unsynced: 0, quarantined: 0 });
    expect(verifyJournal(r.file)).toMatchObject({ ok: true, value: { compacted: 5 } });
  });

  it('has its new incarnation before anything is written that would wait behind the gap', async () => {
    const r = await rig({ entries: 5 });
    await r.drain();
    compact(r, 1, 6);
    r.gateway.restore(1, 2);
    await r.run(() => r.engine.status.lost.length > 0);
    expect(r.engine.status).toMatchObject({ lost: [{ incarnation: 1, from: 3, to: 6 }], unsynced: 0 });
    expect(r.journal.incarnation).toBe(2);
    r.write(helpEntry());
    await r.drain();
    expect(seqs(r, 1)).toEqual([1, 2]);
    expect(seqs(r, 2)).toEqual([1]);
  });

  it('is no reason for one new incarnation after the other', async () => {
    const r = await lost();
    for (let i = 0; i < 5; i += 1) {
      r.write(helpEntry());
      await r.drain();
      r.engine.sendNow();
      await r.run(() => r.time.monotonicMs() > (i + 1) * 120_000);
    }
    expect(r.journal.incarnation).toBe(2);
    expect(r.events.filter(({ event }) => event === 'sync.new-incarnation').length).toBe(1);
    expect(r.gateway.batches.every((batch) => batch.every(({ body }) => body !== ''))).toBe(true);
  });

  it('is remembered over a restart, and forgotten when a newer backup has what was missing', async () => {
    const whole = await rig({ entries: 5 });
    await whole.drain();
    const newer = whole.gateway.chain(1).map((entry) => [entry.seq, { entry }] as const);
    compact(whole, 1, 5);
    whole.gateway.restore(1, 2);
    await whole.run(() => whole.engine.status.lost.length > 0);
    await whole.drain();
    const again = new Outbox({ store: whole.store, clock: whole.time, terminal: TERMINAL, suite: 'standard' });
    expect(again.lost).toEqual([{ incarnation: 1, from: 3, to: 5 }]);

    for (const [seq, stored] of newer) whole.gateway.chains.get(1)?.set(seq, stored);
    whole.gateway.epoch = 'epoch-of-a-newer-backup';
    await whole.run(() => whole.engine.status.lost.length === 0);
    await whole.drain();
    expect(whole.journal.incarnation).toBe(2);
    expect(new Outbox({ store: whole.store, clock: whole.time, terminal: TERMINAL, suite: 'standard' }).lost).toEqual(
      [],
    );
  });

  it('loses nothing of an older incarnation that is still here, and nothing of the newest', async () => {
    const r = await rig({ entries: 5 });
    await r.drain();
    await r.outbox.beginIncarnation(2);
    for (let i = 0; i < 3; i += 1) r.write(helpEntry());
    await r.drain();
    compact(r, 1, 4);
    const ids = (incarnation: number) =>
      r.store.db.prepare('SELECT id FROM entry WHERE incarnation = ? ORDER BY seq').pluck().all(incarnation);
    const [, , , , fifth, sixth] = ids(1);
    const newest = ids(2);
    // Both are gone on the district's side: of the older one a part is here, the newer one is here whole.
    r.gateway.restore(1, 2);
    r.gateway.chains.delete(2);
    await r.run(() => r.engine.status.lost.length > 0);
    await r.drain();
    expect(r.engine.status.lost).toEqual([{ incarnation: 1, from: 3, to: 4 }]);
    const there = [...r.gateway.chains.values()].flatMap((chain) => [...chain.values()].map(({ entry }) => entry.id));
    for (const id of [fifth, sixth, ...newest]) expect(there).toContain(id);
    expect(new Set(r.gateway.chain(1).map(({ seq }) => seq))).toEqual(new Set([1, 2]));
    expect(r.engine.status).toMatchObject({ unsynced: 0, quarantined: 0 });
  });

  it('and lost the newest incarnation whole, which was compacted: a third one goes on', async () => {
    const r = await rig({ entries: 2 });
    await r.drain();
    await r.outbox.beginIncarnation(2);
    r.write(helpEntry());
    await r.drain();
    compact(r, 2, 1);
    r.gateway.chains.delete(2);
    r.gateway.epoch = 'epoch-of-a-backup';
    await r.run(() => r.engine.status.lost.length > 0);
    r.write(helpEntry());
    await r.drain();
    expect(r.engine.status.lost).toEqual([{ incarnation: 2, from: 1, to: 1 }]);
    expect(seqs(r, 1)).toEqual(upTo(3));
    expect(seqs(r, 3)).toEqual([1]);
  });

  it('is asked for again when the disk took nothing', async () => {
    const r = await rig({ entries: 5 });
    await r.drain();
    compact(r, 1, 5);
    r.gateway.restore(1, 2);
    r.store.db.pragma('query_only = ON');
    await r.run(() => r.events.some(({ event }) => event === 'sync.not-written'));
    expect(r.engine.status.lost).toEqual([]);
    r.store.db.pragma('query_only = OFF');
    await r.run(() => r.engine.status.lost.length > 0);
    await r.drain();
    expect(r.journal.incarnation).toBe(2);
  });
});

describe('a backup within the horizon', () => {
  it('is filled as before, above what was compacted', async () => {
    const r = await rig({ data: openData(), entries: 5 });
    await r.drain();
    compact(r, 1, 3);
    r.gateway.restore(1, 3);
    await r.run(() => r.events.some(({ event }) => event === 'sync.rewound'));
    await r.drain();
    expect(seqs(r, 1)).toEqual(upTo(6));
    expect(r.journal.incarnation).toBe(1);
    expect(r.engine.status.lost).toEqual([]);
  });
});

describe('an entry in quarantine', () => {
  it('goes again when it was let wait, and is stored where the district was mended', async () => {
    const r = await rig({ entries: 3 });
    r.gateway.poison.add(2);
    await r.drain();
    expect(r.engine.status.quarantined).toBe(1);
    r.store.db.exec("UPDATE entry SET answer = NULL WHERE answer = 'quarantined'");
    r.engine.sendNow();
    await r.drain();
    expect(r.engine.status.quarantined).toBe(1);
    r.gateway.poison.clear();
    r.store.db.exec("UPDATE entry SET answer = NULL WHERE answer = 'quarantined'");
    // The service is not told: it finds it at its next look.
    await r.run(() => r.engine.status.unsynced === 0);
    expect(r.engine.status).toMatchObject({ quarantined: 0, unsynced: 0 });
    expect(r.journal.incarnation).toBe(1);
  });
});
