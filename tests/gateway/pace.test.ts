import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { intake } from '#gateway/intake/intake.ts';
import { Pace } from '#gateway/intake/pace.ts';
import { openIntake } from '#gateway/store/open.ts';
import { Journal } from './client.ts';
import { Writer } from './sealing.ts';
import { startGateway } from './stand.ts';
import { sqliteStore } from './stores.ts';

const never = new AbortController().signal;

function stand() {
  let now = 0;
  const rests: number[] = [];
  const pace = new Pace({
    now: () => now,
    sleep: async (ms) => void rests.push(ms),
  });
  return { pace, rests, at: (ms: number) => (now = ms) };
}

test('the intake rests three times as long as it worked while terminals send, and never for long', async () => {
  const { pace, rests, at } = stand();
  await pace.rest(20, never);
  expect(rests).toEqual([]);
  pace.batch();
  at(900);
  await pace.rest(20, never);
  await pace.rest(5000, never);
  expect(rests).toEqual([60, 1000]);
  at(1100);
  await pace.rest(20, never);
  expect(rests).toHaveLength(2);
});

test('the end of the gateway ends a rest', async () => {
  const pace = new Pace({ now: () => 0, sleep: (ms, signal) => sleep(ms * 1000, undefined, { signal }) });
  pace.batch();
  const ending = new AbortController();
  const resting = pace.rest(300, ending.signal);
  ending.abort();
  await resting;
});

test('it rests after each portion of what waits', async () => {
  const gateway = await startGateway(sqliteStore);
  const terminal = await gateway.newTerminal();
  const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId, 1));
  const help = () => writer.plain('help', { ticket: randomUUID(), why: 'called' });
  await terminal.send(Array.from({ length: 150 }, help));
  const store = await openIntake(gateway.address, { newEpoch: randomUUID, missing: 'refuse' });
  onTestFinished(() => store.close());
  const worked: number[] = [];
  const worker = intake({
    store,
    districts: { standard: new Map(), national: new Map() },
    now: gateway.clock.now,
    rest: async (ms) => void worked.push(ms),
  });
  expect(await worker.drain(never)).toEqual({ seen: 150, invalid: 0 });
  expect(worked).toHaveLength(2);
});
