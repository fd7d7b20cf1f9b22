/** Keys of the district's side change under a terminal, at a real gateway. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { announceDistrictKey, publishedHalves } from '#gateway/identity/district.ts';
import { rotateGatewayKey } from '#gateway/identity/keys.ts';
import { logTo } from '#main/service/log/log.ts';
import { startGateway } from '../../gateway/stand.ts';
import { sqliteStore } from '../../gateway/stores.ts';
import { caseEntry } from '../journal/fixture.ts';
import { enrolledAt, startedAt } from './at-gateway.ts';

const SOON = 1;

describe.each(['standard', 'national'] as const)('of the %s suite', (suite) => {
  async function stand() {
    const gateway = await startGateway(sqliteStore);
    const terminal = await enrolledAt(gateway.url, await gateway.newCode(), suite);
    const { etc } = terminal.data.folders;
    const identity = () => JSON.parse(readFileSync(join(etc, 'identity.json'), 'utf8')) as Record<string, string>;
    const rotate = () => {
      const now = new Date(Math.floor(Date.now() / 1000) * 1000);
      return rotateGatewayKey(gateway.store, gateway.signing[suite], { from: now, now: new Date() });
    };
    return { gateway, terminal, identity, rotate };
  }

  it('goes on after several rotations while it was off', async () => {
    const { gateway, terminal, identity, rotate } = await stand();
    await rotate();
    await rotate();
    terminal.book.write(caseEntry());
    const heard = new Promise<void>((resolve) => terminal.engine.onAcknowledged(() => resolve()));
    terminal.engine.start();
    await heard;
    expect(identity()['gatewayKey']).toBe(gateway.signing[suite].successors.at(-1)?.publicKey);
    expect(terminal.engine.status).toMatchObject({ network: 'online', unsynced: 0 });
  });

  it('hears of a key while it is idle, and keeps it before that signs', async () => {
    const { gateway, terminal, identity } = await stand();
    const now = new Date();
    await rotateGatewayKey(gateway.store, gateway.signing[suite], { from: new Date(now.getTime() + 3_600_000), now });
    const before = identity();
    terminal.engine.start();
    await until(() => terminal.data.store.meta('gateway-successors') !== null);
    expect(JSON.parse(terminal.data.store.meta('gateway-successors') ?? '')).toEqual(gateway.signing[suite].successors);
    expect(identity()).toEqual(before);
  });

  it('believes no list that the gateway it knows has not begun', async () => {
    const { gateway, terminal, identity } = await stand();
    const before = identity();
    const foreign = await startGateway(sqliteStore);
    const now = new Date(Math.floor(Date.now() / 1000) * 1000);
    await rotateGatewayKey(foreign.store, foreign.signing[suite], { from: now, now: new Date() });
    const events: { event?: string }[] = [];
    const log = logTo({ write: (line) => void events.push(JSON.parse(line) as { event?: string }) });
    const lured = await startedAt(foreign.url, terminal.data, suite);
    const engine = lured.newEngine({ log });
    engine.start();
    await until(() => events.some(({ event }) => event === 'sync.gateway-key-forged'));
    await engine.stop();
    expect(identity()).toEqual(before);
    expect(gateway.signing[suite].successors).toEqual([]);
  });

  it("seals to the district's next key from the next day key on, and the intake opens what either sealed", async () => {
    const { gateway, terminal, identity } = await stand();
    const now = new Date();
    announceDistrictKey(gateway.keys, suite, { from: new Date(now.getTime() - SOON), now });
    const next = publishedHalves(gateway.keys, suite)[1];
    terminal.book.write(caseEntry());
    terminal.engine.start();
    await until(() => identity()['districtKeyId'] === next?.id);
    expect(identity()['districtKey']).toBe(next?.publicKey);
    await terminal.engine.stop();
    terminal.book.journal.close();

    const again = await startedAt(gateway.url, terminal.data, suite);
    again.book.write(caseEntry());
    again.engine.start();
    await until(() => again.engine.status.unsynced === 0);
    const sealedTo = gateway.rows("SELECT body FROM entries WHERE kind = 'key' ORDER BY seq");
    const ids = (await sealedTo).map(
      ({ body }) => (JSON.parse(String(body)) as { open: { districtKeyId: string } }).open.districtKeyId,
    );
    expect(ids).toEqual([publishedHalves(gateway.keys, suite)[0]?.id, next?.id]);
    await gateway.lookForKeys();
    await gateway.drain();
    expect(await gateway.store.counts()).toMatchObject({ cases: 2, quarantined: 0 });
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
