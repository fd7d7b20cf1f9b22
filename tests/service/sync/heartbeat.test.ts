import { expect, it } from 'vitest';
import { ok } from '#contract/result.ts';
import type { GatewayClient } from '#main/service/sync/client.ts';
import { HeartbeatLoop } from '#main/service/sync/heartbeat.ts';
import { openBook } from '../journal/fixture.ts';

it('sends no beat while the key changes, and changes none while a beat is on its way', async () => {
  const { outbox, time } = await openBook();
  const seen: string[] = [];
  const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const client: Pick<GatewayClient, 'heartbeat'> = {
    async heartbeat() {
      seen.push('beat');
      await answers.shift()?.promise;
      seen.push('answered');
      return ok();
    },
  };
  const [first, second] = answers;
  const loop = new HeartbeatLoop({
    client: client as GatewayClient,
    outbox,
    clock: time,
    timers: time,
    software: 'yichuang 0.1.0',
    health: () => ({ catalogue: 'c'.repeat(64), devices: {}, diskFreeBytes: 1 }),
    sync: () => 'online',
    onTaken: () => undefined,
  });
  loop.start(0);
  time.advance(1);
  const changed = Promise.withResolvers<void>();
  const changing = loop.alone(async () => {
    seen.push('changes');
    await changed.promise;
    seen.push('changed');
  });
  await turns();
  expect(seen).toEqual(['beat']);
  first?.resolve();
  await turns();
  expect(seen).toEqual(['beat', 'answered', 'changes']);
  time.advance(60_000);
  await turns();
  expect(seen).toEqual(['beat', 'answered', 'changes']);
  changed.resolve();
  await changing;
  await turns();
  expect(seen.slice(3)).toEqual(['changed', 'beat']);
  second?.resolve();
  loop.stop();
  await loop.settled();
});

/** Everything that can go on without a timer goes on. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}
