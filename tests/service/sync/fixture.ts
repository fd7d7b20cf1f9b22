import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { OwnIdentity } from '#main/service/identity/identity.ts';
import type { Acknowledged } from '#main/service/journal/answers.ts';
import { logTo } from '#main/service/log/log.ts';
import { publicKeyOf } from '#main/service/suite/suite.ts';
import { SyncEngine } from '#main/service/sync/engine.ts';
import { storedServerTime } from '#main/service/sync/server-time.ts';
import { type Book, districtKey, helpEntry, openBook, TERMINAL } from '../journal/fixture.ts';
import { type Data, openData } from '../store/fixture.ts';
import { type FakeTime, fakeRandom } from '../time/fakes.ts';
import { TestGateway } from './gateway.ts';

export interface Rig extends Book {
  readonly gateway: TestGateway;
  readonly engine: SyncEngine;
  readonly acknowledged: Acknowledged[];
  readonly events: Record<string, unknown>[];
  /** Every delay that the engine asked for, in milliseconds. */
  readonly delays: number[];
  /** Lets exchanges happen, one timer after the other, until the condition holds. */
  run(until: () => boolean): Promise<void>;
  /** Runs until nothing waits for the district. */
  drain(): Promise<void>;
}

export interface Terminal {
  readonly key: KeyObject;
  readonly gateway: TestGateway;
}

export async function newTerminal(time: FakeTime): Promise<Terminal> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const gateway = await TestGateway.start(createPublicKey(privateKey));
  gateway.now = () => time.wall().getTime() - time.wallErrorMs;
  return { key: privateKey, gateway };
}

/** A terminal with journal and engine, started; its exchanges happen only while the test lets time pass. */
export async function rig(
  o: { data?: Data; terminal?: Terminal; entries?: number; bytesPerSecond?: number; seed?: string } = {},
): Promise<Rig> {
  const data = o.data ?? openData();
  const { time, store } = data;
  const { key, gateway } = o.terminal ?? (await newTerminal(time));
  const identity: OwnIdentity = {
    terminalId: TERMINAL,
    region: '120103',
    code: '0001',
    suite: 'standard',
    districtKey,
    districtKeyId: 'district-1',
    gatewayKey: gateway.publicKey,
    epoch: 'epoch-1',
    key,
    gateway: publicKeyOf(gateway.publicKey),
  };
  const serverTime = storedServerTime(store);
  const book = await openBook(data, { serverTime });
  for (let i = 0; i < (o.entries ?? 0); i += 1) book.write(helpEntry());
  const events: Record<string, unknown>[] = [];
  const delays: number[] = [];
  const engine = new SyncEngine({
    identity,
    gateway: { url: gateway.url, idleSeconds: 60, bytesPerSecond: o.bytesPerSecond },
    outbox: book.outbox,
    serverTime,
    clock: time,
    timers: {
      after(ms, run) {
        delays.push(ms);
        return time.after(ms, run);
      },
    },
    random: fakeRandom(time, o.seed),
    log: logTo({ write: (line) => void events.push(JSON.parse(line) as Record<string, unknown>) }),
    software: 'yichuang 0.1.0',
    health: () => ({ catalogue: 'c'.repeat(64), devices: { idCard: 'ready' }, diskFreeBytes: 1 }),
  });
  const acknowledged: Acknowledged[] = [];
  engine.onAcknowledged((entries) => acknowledged.push(...entries));
  book.journal.onAppend(() => engine.poke());
  engine.start();
  onTestFinished(() => engine.stop());

  const run = async (until: () => boolean) => {
    for (let turns = 0; turns < 400; turns += 1) {
      await engine.settled();
      if (until()) return;
      if (!time.step()) throw new Error('nothing is left to wait for');
    }
    throw new Error('it never came about');
  };
  const drain = () => run(() => engine.status.unsynced === 0);
  return { ...book, gateway, engine, acknowledged, events, delays, run, drain };
}
