import { expect, it } from 'vitest';
import { helpEntry } from '../journal/fixture.ts';
import { type Rig, rig } from './fixture.ts';

const RATE = 2_000;
const seqs = (r: Rig) => r.gateway.chain(1).map(({ seq }) => seq);

it('keeps batches below the bytes a second that the line may carry, in small pieces, and brings all over', async () => {
  const r = await rig({ entries: 120, bytesPerSecond: RATE });
  const started = r.time.monotonicMs();
  await r.drain();
  expect(seqs(r)).toEqual(Array.from({ length: 121 }, (_, i) => i + 1));
  const { contents } = r.gateway;
  expect(contents.length).toBeGreaterThan(3);
  let sent = 0;
  for (const { bytes, atMs } of contents) {
    const seconds = (atMs - Date.parse('2026-03-02T09:00:00+08:00') - started) / 1000;
    expect(sent).toBeLessThanOrEqual(RATE * (seconds + 1) + 1);
    sent += bytes;
  }
  // Without the limit it takes the first five seconds alone.
  expect(r.time.monotonicMs() - started).toBeGreaterThan(((sent - (contents.at(-1)?.bytes ?? 0)) / RATE - 1) * 1000);
  expect(Math.max(...r.gateway.batches.map((batch) => JSON.stringify(batch).length))).toBeLessThan(RATE * 5 + 1_000);
});

it('sends an entry that is larger than what the line may carry at once', async () => {
  const r = await rig({ bytesPerSecond: 100 });
  await r.drain();
  expect(seqs(r)).toEqual([1]);
});

it('holds no heartbeat back', async () => {
  const r = await rig({ entries: 300, bytesPerSecond: 100 });
  await r.run(() => r.gateway.heartbeats.length === 4);
  expect(r.time.monotonicMs()).toBeLessThanOrEqual(185_000);
  expect(r.engine.status).toMatchObject({ network: 'online' });
  expect(r.engine.status.unsynced).toBeGreaterThan(0);
});

it.each([
  ['what is appended meanwhile', (r: Rig) => void r.write(helpEntry())],
  ['"send now"', (r: Rig) => r.engine.sendNow()],
])('is not broken by %s', async (_what, disturb) => {
  const r = await rig({ entries: 60, bytesPerSecond: 500 });
  await r.run(() => r.gateway.contents.length === 1);
  await r.engine.settled();
  const [first] = r.gateway.contents;
  disturb(r);
  await r.run(() => r.gateway.contents.length === 2);
  const second = r.gateway.contents[1];
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual((((first?.bytes ?? 0) - 500) / 500) * 1000);
  await r.drain();
});

it('counts what a refused batch took along too', async () => {
  const r = await rig({ entries: 60, bytesPerSecond: 500 });
  r.gateway.faults = [{ fault: 'lost' }];
  await r.run(() => r.gateway.contents.length === 2);
  const [first, second] = r.gateway.contents;
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual((((first?.bytes ?? 0) - 500) / 500) * 1000);
  await r.drain();
});
