/** A district that was restored from a backup, and another disk of the same terminal that was faster in filling the gap. */
import { expect, it } from 'vitest';
import { helpEntry } from '../journal/fixture.ts';
import { type Rig, rig } from './fixture.ts';

/** The other disk has taken a place that was ours. */
function take(r: Rig, incarnation: number, seq: number): void {
  const [any] = r.gateway.chain(incarnation);
  if (!any) throw new Error('no entry');
  r.gateway.chains.get(incarnation)?.set(seq, { entry: { ...any, seq, hash: 'f'.repeat(64) } });
}

/** Where the district has entries of this terminal, by id. */
function places(r: Rig): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const chain of r.gateway.chains.values()) {
    for (const { entry } of chain.values()) {
      if (entry.hash === 'f'.repeat(64)) continue;
      found.set(entry.id, [...(found.get(entry.id) ?? []), `${entry.incarnation}/${entry.seq}`]);
    }
  }
  return found;
}

it('gets what it has lost in a new incarnation', async () => {
  const r = await rig({ entries: 4 });
  await r.drain();
  const ids = r.gateway.chain(1).map(({ id }) => id);
  r.gateway.restore(1, 2);
  take(r, 1, 3);
  await r.run(() => ids.every((id) => places(r).has(id)));
  await r.drain();
  expect(places(r).get(ids[0] ?? '')).toEqual(['1/1']);
  expect(r.journal.incarnation).toBeGreaterThan(1);
  expect(r.engine.status).toMatchObject({ quarantined: 0, unsynced: 0, network: 'online' });
});

it('gets what it has lost of an incarnation that was left before', async () => {
  const r = await rig({ entries: 3 });
  await r.drain();
  const ids = r.gateway.chain(1).map(({ id }) => id);
  await r.outbox.beginIncarnation(2);
  r.write(helpEntry());
  await r.drain();
  r.gateway.restore(1, 1);
  take(r, 1, 2);
  await r.run(() => ids.every((id) => places(r).has(id)));
  await r.drain();
  expect(places(r).get(ids[0] ?? '')).toEqual(['1/1']);
  expect(r.engine.status).toMatchObject({ quarantined: 0, unsynced: 0 });
});

it('is asked anew when it fails in the middle of the look back', async () => {
  const r = await rig({ entries: 3 });
  await r.drain();
  const ids = r.gateway.chain(1).map(({ id }) => id);
  await r.outbox.beginIncarnation(2);
  r.write(helpEntry());
  await r.drain();
  r.gateway.restore(1, 1);
  take(r, 1, 2);
  r.gateway.cursorFaults = [{ fault: 'rubbish' }, { fault: 'lost' }];
  await r.run(() => ids.every((id) => places(r).has(id)));
  await r.drain();
  expect(r.engine.status).toMatchObject({ quarantined: 0, unsynced: 0 });
});

it('goes through a long incarnation that was left without a back-off between its batches', async () => {
  const r = await rig({ entries: 449 });
  await r.drain();
  await r.outbox.beginIncarnation(2);
  r.write(helpEntry());
  await r.drain();
  const { delays } = r;
  // The district has kept all of it, and one entry of the other disk stands behind.
  r.gateway.restore(1, 450);
  take(r, 1, 451);
  delays.length = 0;
  const before = r.gateway.batches.length;
  await r.run(() => r.gateway.batches.length === before + 3);
  await r.drain();
  expect(r.events).toContainEqual(
    expect.objectContaining({ event: 'sync.rewound', incarnation: 1, seq: 0, entries: 450 }),
  );
  expect(r.journal.incarnation).toBe(2);
  expect(r.engine.status).toMatchObject({ quarantined: 0, unsynced: 0 });
});

it('and part of what it has lost was compacted: staff hear which, and the rest goes on', async () => {
  const r = await rig({ entries: 5 });
  await r.drain();
  const ids = r.gateway.chain(1).map(({ id }) => id);
  r.store.db.exec("UPDATE entry SET body = x'', compacted_at = 'then' WHERE seq <= 5");
  r.gateway.restore(1, 2);
  take(r, 1, 3);
  await r.run(() => r.engine.status.lost.length > 0);
  r.write(helpEntry());
  await r.drain();
  expect(r.engine.status).toMatchObject({ lost: [{ incarnation: 1, from: 3, to: 5 }], quarantined: 0, unsynced: 0 });
  expect(r.events).toContainEqual(expect.objectContaining({ event: 'sync.lost', incarnation: 1, from: 3, to: 5 }));
  expect(places(r).has(ids[5] ?? '')).toBe(true);
  expect(r.gateway.batches.flat().every(({ body }) => body !== '')).toBe(true);
});

it('has all that was compacted, and is believed about it', async () => {
  const r = await rig({ entries: 5 });
  await r.drain();
  const ids = r.gateway.chain(1).map(({ id }) => id);
  r.store.db.exec("UPDATE entry SET body = x'', compacted_at = 'then' WHERE seq <= 4");
  r.gateway.restore(1, 5);
  take(r, 1, 6);
  await r.run(() => r.events.some(({ event }) => event === 'sync.epoch-changed'));
  await r.drain();
  expect(r.engine.status).toMatchObject({ lost: [], quarantined: 0, unsynced: 0, network: 'online' });
  expect(ids.every((id) => places(r).has(id))).toBe(true);
});

it('carries over what is held behind a place that was carried over before', async () => {
  const r = await rig({ entries: 4 });
  await r.drain();
  const ids = r.gateway.chain(1).map(({ id }) => id);
  // As after another disk's conflict: the third has gone on into the second incarnation.
  r.store.db.exec("UPDATE entry SET answer = 'quarantined', answer_code = 'chain' WHERE incarnation = 1 AND seq = 3");
  await r.outbox.beginIncarnation(2);
  await r.drain();
  r.gateway.restore(1, 1);
  r.gateway.restore(2, 0);
  await r.run(() => ids.every((id) => places(r).has(id)));
  await r.drain();
  expect(r.journal.incarnation).toBe(3);
  expect(places(r).get(ids[1] ?? '')).toEqual(['1/2']);
  expect(r.engine.status).toMatchObject({ quarantined: 0, unsynced: 0, network: 'online' });
});

it('keeps the order of what was written, however often and in whatever order it was carried over', async () => {
  const r = await rig({ entries: 3 });
  await r.drain();
  const ids = r.gateway.chain(1).map(({ id }) => id);
  r.store.db.exec("UPDATE entry SET answer = 'quarantined', answer_code = 'chain' WHERE incarnation = 1 AND seq = 2");
  await r.outbox.beginIncarnation(2);
  await r.outbox.rewind(1, 2);
  await r.outbox.beginIncarnation(3);
  const carried = r.store.db.prepare('SELECT id FROM entry WHERE incarnation = 3 ORDER BY seq').pluck().all();
  expect(carried).toEqual(ids.slice(1));
});
