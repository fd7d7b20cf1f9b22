/** The gateway's and the district's keys are followed by others. */
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Successor, successorText } from '#contract/keys.ts';
import type { Suite } from '#contract/suite.ts';
import { takeAnchors } from '#gateway/audit/anchors.ts';
import { type Fault, verifyStore } from '#gateway/audit/verify.ts';
import { watch } from '#gateway/audit/watch.ts';
import {
  announceDistrictKey,
  districtPrivateKeys,
  publishedHalves,
  retireDistrictKey,
} from '#gateway/identity/district.ts';
import { keyFile } from '#gateway/identity/key-files.ts';
import { checkShared, exchangeSuccessors, gatewayKeys, rotateGatewayKey } from '#gateway/identity/keys.ts';
import { serve } from '#gateway/serve.ts';
import { Client, Journal, terminalKey } from './client.ts';
import { onWire, Writer } from './sealing.ts';
import { runCli, startGateway } from './stand.ts';
import { sqliteStore, stores, testFolder } from './stores.ts';

const HOUR_MS = 3_600_000;
const suites = ['standard', 'national'] as const;

describe.each(stores)('on $name', ({ makeStore }) => {
  async function stand() {
    const gateway = await startGateway(makeStore);
    const { keys, signing, store, clock } = gateway;
    const rotate = (suite: Suite, hours: number, succession = signing[suite]) => {
      const now = clock.now();
      return rotateGatewayKey(store, succession, { from: new Date(now.getTime() + hours * HOUR_MS), now });
    };
    /** Another gateway of the store, with a copy of the folder as it is now. */
    const another = () => {
      const folder = testFolder();
      cpSync(keys, folder, { recursive: true });
      return { folder, signing: gatewayKeys(folder) };
    };
    return { gateway, keys, signing, store, clock, rotate, another };
  }

  test.each(suites)('the next key of the %s suite signs from its time on, and only then', async (suite) => {
    const { gateway, signing, clock, rotate } = await stand();
    const terminal = await gateway.newTerminal('120103', suite);
    await rotate(suite, 2);
    const [next] = signing[suite].successors;
    const later = new Client(
      gateway.url,
      { ...terminal.identity, gatewayKey: next?.publicKey ?? '' },
      terminal.key,
      clock.now,
    );
    const ask = () => later.request('GET', '/v1/terminals/self/cursor', null);
    expect(terminal.isSigned(await ask())).toBe(true);
    clock.offsetMs = 2 * HOUR_MS + 2000;
    const answer = await ask();
    expect([later.isSigned(answer), terminal.isSigned(answer)]).toEqual([true, false]);
    expect((await gateway.newTerminal('120103', suite)).identity.gatewayKey).toBe(next?.publicKey);
    const other = suites.find((it) => it !== suite) ?? suite;
    expect(signing[other].successors).toEqual([]);

    // Whoever has no key and no clock hears of it.
    const told = (await (await fetch(`${gateway.url}/v1/gateway-keys?suite=${suite}`)).json()) as unknown;
    expect(told).toEqual({ successors: [next] });
    expect(await (await fetch(`${gateway.url}/v1/gateway-keys?suite=${other}`)).json()).toEqual({ successors: [] });
    expect((await fetch(`${gateway.url}/v1/gateway-keys?suite=none`)).status).toBe(400);
  });

  test('one key waits at a time, and the first of two gateways wins', async () => {
    const { signing, store, rotate, another } = await stand();
    const slow = another();
    await rotate('standard', 24);
    await expect(rotate('standard', 48)).rejects.toThrow('announced already');
    await expect(rotate('standard', 48, slow.signing.standard)).rejects.toThrow('copy its folder');
    expect(existsSync(keyFile(slow.folder, 'gateway', 'standard', 2, 'key'))).toBe(false);
    await exchangeSuccessors(store, slow.signing);
    expect(slow.signing.standard.successors).toEqual(signing.standard.successors);
    // It knows of the key, and has not got it: from its time on it signs nothing, and says what to bring.
    const due = new Date(Date.now() + 25 * HOUR_MS);
    expect(slow.signing.standard.at(due)).toBeNull();
    expect(slow.signing.standard.missingAt(due)).toContain('gateway.2.key');
    cpSync(keyFile(slow.folder, 'gateway', 'standard', 2, 'json'), join(slow.folder, 'kept.json'));
    const [theirs] = signing.standard.successors;
    expect(JSON.parse(readFileSync(join(slow.folder, 'kept.json'), 'utf8'))).toEqual(theirs);
  });

  test('a running gateway hears in its next round what another announced, and says what it lacks', async () => {
    const { gateway, signing, store, clock, rotate, another } = await stand();
    const { signing: keys } = another();
    await rotate('national', 24);
    const warned: object[] = [];
    const log = { info: () => undefined, warn: (about: object) => void warned.push(about), error: () => undefined };
    const { round } = watch({ store, keys, log, now: clock.now, anchorHour: 2, gapMs: HOUR_MS });
    await round();
    expect(keys.national.successors).toEqual(signing.national.successors);
    expect(warned).toContainEqual(expect.objectContaining({ file: expect.stringContaining('gateway-sm2.2.key') }));
    // What is not signed stops neither anchors nor alerts.
    await gateway.change("UPDATE gateway_successors SET suite = 'standard'");
    clock.offsetMs = 24 * HOUR_MS;
    const days = async () => (await store.anchorDays('standard', '', 10)).length;
    const before = await days();
    await round();
    expect(await days()).toBe(before + 1);
  });

  test('a crash between any two steps leaves what the next command or start brings to its end', async () => {
    const { gateway, keys, signing, store, clock, rotate } = await stand();
    // The key was made and never announced.
    signing.standard.next(clock.now(), clock.now());
    const made = readFileSync(keyFile(keys, 'gateway', 'standard', 2, 'key'), 'utf8');
    await rotate('standard', 0);
    expect(readFileSync(keyFile(keys, 'gateway', 'standard', 2, 'key'), 'utf8')).toBe(made);
    const all = signing.standard.successors;
    expect(all).toHaveLength(1);
    // It was announced in the store, and not in the folder.
    rmSync(keyFile(keys, 'gateway', 'standard', 2, 'json'));
    const started = gatewayKeys(keys);
    expect(started.standard.successors).toEqual([]);
    await exchangeSuccessors(store, started);
    expect(started.standard.successors).toEqual(all);
    expect(gatewayKeys(keys).standard.at(new Date(Date.now() + HOUR_MS))?.publicKey).toBe(all[0]?.publicKey);
    // The store was restored to a time before it.
    await gateway.change('DELETE FROM gateway_successors');
    await exchangeSuccessors(store, gatewayKeys(keys));
    expect(await store.successors('standard')).toEqual(all);
  });

  test('what no key before has signed is refused, in the store and in the folder', async () => {
    const { keys, signing, store, clock } = await stand();
    const thief = terminalKey();
    const announced = { publicKey: terminalKey().publicKey, from: clock.now().toISOString() };
    const text = successorText('standard', signing.standard.publicKey, announced);
    const forged = { ...announced, signature: thief.sign(Buffer.from(text)).toString('base64url') };
    await store.announce('standard', 2, forged);
    await expect(exchangeSuccessors(store, signing)).rejects.toThrow('do not follow each other');
    expect(signing.standard.successors).toEqual([]);
    expect(signing.standard.at(clock.now())?.publicKey).toBe(signing.standard.publicKey);
    writeFileSync(keyFile(keys, 'gateway', 'standard', 2, 'json'), JSON.stringify(forged));
    expect(() => gatewayKeys(keys)).toThrow('do not follow each other');
  });

  test('anchors stay genuine under each key of its time, and none else', async () => {
    const { gateway, signing, store, clock, rotate } = await stand();
    await checkShared(store, 'gateway', signing);
    const verify = async () => {
      const faults: Fault[] = [];
      await verifyStore(store, { kept: [], onFault: (fault) => faults.push(fault) });
      return faults;
    };
    const before = gatewayKeys(gateway.keys);
    await takeAnchors(store, signing, '2026-03-02', clock.now());
    for (const suite of suites) await rotate(suite, 1);
    clock.offsetMs = 2 * HOUR_MS;
    await takeAnchors(store, signing, '2026-03-03', clock.now());
    expect(await verify()).toEqual([]);
    // Somebody has the former keys only.
    await takeAnchors(store, before, '2026-03-04', clock.now());
    expect(await verify()).toEqual(suites.map((suite) => ({ code: 'key', at: { suite, day: '2026-03-04' } })));
    await gateway.change("UPDATE gateway_successors SET valid_from = '2031-01-01T00:00:00.000Z'");
    expect(await verify()).toContainEqual({ code: 'succession', at: { suite: 'standard' } });
  });

  test.each(suites)(
    'what is sealed to either key of the %s suite opens, and waits for the one that is away',
    async (suite) => {
      const { gateway, keys, clock } = await stand();
      const old = await gateway.newTerminal('120103', suite);
      const now = clock.now();
      announceDistrictKey(keys, suite, { from: new Date(now.getTime() + HOUR_MS), now });
      expect(() => announceDistrictKey(keys, suite, { from: now, now })).toThrow('announced already');
      const told = async () => (await old.request('GET', '/v1/terminals/self/district-key', null)).body;
      expect(await told()).toEqual({ id: old.identity.districtKeyId, publicKey: old.identity.districtKey, from: null });
      clock.offsetMs = HOUR_MS;
      const [first, next] = publishedHalves(keys, suite);
      const asks = new Client(gateway.url, old.identity, old.key, clock.now);
      expect((await asks.request('GET', '/v1/terminals/self/district-key', null)).body).toEqual(next);
      const fresh = await gateway.newTerminal('120103', suite);
      expect(fresh.identity.districtKeyId).toBe(next?.id);

      // The new one came without this worker having looked for it; the old one is away for a while.
      const [file, away] = [keyFile(keys, 'district', suite, 1, 'key'), join(testFolder(), 'away.key')];
      const send = async (from: Client, terminal = from.identity) => {
        const client = new Client(gateway.url, terminal, from.key, clock.now);
        const writer = new Writer(terminal, new Journal(terminal.terminalId, 1, suite));
        const { entry, dayKey } = writer.dayKey();
        await client.send([entry, onWire(writer.case(dayKey))]);
        return { client, writer, dayKey };
      };
      await send(fresh);
      expect(await gateway.drain()).toEqual({ seen: 2, invalid: 2 });
      await gateway.lookForKeys();
      expect(await gateway.drain()).toEqual({ seen: 2, invalid: 0 });
      expect(await gateway.store.counts()).toMatchObject({ cases: 1, quarantined: 0 });

      const { client, writer, dayKey } = await send(old);
      expect(await gateway.drain()).toEqual({ seen: 2, invalid: 0 });
      renameSync(file, away);
      await gateway.lookForKeys();
      const another = await gateway.newTerminal('120103', suite);
      await send(another, { ...another.identity, districtKey: first?.publicKey ?? '', districtKeyId: first?.id ?? '' });
      await gateway.drain();
      const codes = async () =>
        (await gateway.rows('SELECT code FROM quarantine WHERE resolved_at IS NULL ORDER BY seq')).map(
          ({ code }) => code,
        );
      expect(await codes()).toEqual(['district-key', 'no-day-key']);
      await client.send([onWire(writer.case(dayKey))]);
      await gateway.drain();
      await gateway.lookForKeys();
      await gateway.drain();

      renameSync(away, file);
      await gateway.lookForKeys();
      await gateway.drain();
      expect(await codes()).toEqual([]);
      expect(await gateway.store.counts()).toMatchObject({ cases: 4, quarantined: 0 });
    },
  );

  test('a case whose day key is known, but not the key that opens it, waits for that', async () => {
    const { gateway, keys, clock } = await stand();
    const terminal = await gateway.newTerminal();
    const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
    const { entry, dayKey } = writer.dayKey();
    await terminal.send([entry]);
    await gateway.drain();
    announceDistrictKey(keys, 'standard', { from: clock.now(), now: clock.now() });
    const [file, away] = [keyFile(keys, 'district', 'standard', 1, 'key'), join(testFolder(), 'away.key')];
    renameSync(file, away);
    // Another worker, which opened no day key yet.
    const { drain, lookForKeys } = await gateway.anotherIntake();
    await terminal.send([onWire(writer.case(dayKey))]);
    expect(await drain()).toEqual({ seen: 1, invalid: 1 });
    expect(await gateway.rows('SELECT code FROM quarantine')).toEqual([{ code: 'district-key' }]);
    renameSync(away, file);
    await lookForKeys();
    expect(await drain()).toEqual({ seen: 1, invalid: 0 });
    expect(await gateway.store.counts()).toMatchObject({ cases: 1, quarantined: 0 });
  });
});

test('a district key is retired when what was sealed to it has come, and never the one in use', () => {
  const folder = testFolder();
  const to = join(testFolder(), 'escrow.key');
  const now = new Date('2026-03-02T00:00:00Z');
  const halves = () => publishedHalves(folder, 'standard');
  expect(() => announceDistrictKey(folder, 'standard', { from: now, now })).toThrow('start the gateway first');
  districtPrivateKeys(folder, 'standard');
  const [first] = halves();
  const retire = (id: string, at: Date) => retireDistrictKey(folder, 'standard', { id, to, now: at, days: 35 });
  expect(() => retire(first?.id ?? '', now)).toThrow('seal to this key');
  const next = announceDistrictKey(folder, 'standard', { from: now, now });
  expect(() => retire(first?.id ?? '', new Date('2026-04-05T00:00:00Z'))).toThrow('may wait on terminals');
  expect(() => retire(next.id, new Date('2027-01-01T00:00:00Z'))).toThrow('seal to this key');
  expect(retire(first?.id ?? '', new Date('2026-04-07T00:00:00Z'))).toEqual(first);
  expect(existsSync(keyFile(folder, 'district', 'standard', 1, 'key'))).toBe(false);
  expect(() => announceDistrictKey(folder, 'standard', { from: now, now, file: to })).toThrow('in use');
  // Brought back under its name it opens again.
  cpSync(to, keyFile(folder, 'district', 'standard', 1, 'key'));
  expect([...districtPrivateKeys(folder, 'standard').held.keys()]).toEqual(halves().map(({ id }) => id));
});

test('a gateway without the key that has to sign now does not start, and says what to bring', async () => {
  const made = await sqliteStore();
  const { address, keys } = made;
  const { signing, store } = await startGateway(async () => made);
  const now = new Date();
  await rotateGatewayKey(store, signing.standard, { from: new Date(now.getTime() - 1000), now });
  rmSync(keyFile(keys, 'gateway', 'standard', 2, 'key'));
  await expect(serve({ store: address, keys, host: '127.0.0.1', port: 0 })).rejects.toThrow(
    'gateway.2.key is not here',
  );
});

test('the command line rotates, lists and refuses in words', async () => {
  const { address, keys } = await sqliteStore();
  const run = (...args: string[]) => runCli('keys', ...args, '--store', address.uri);
  const enrolled = await runCli('provision', '--store', address.uri, '--terminal-key', terminalKey().publicKey);
  expect(enrolled.code).toBe(0);
  const rotated = await run('rotate-gateway', '--in-hours', '48');
  expect(rotated.stderr).toBe('');
  expect(rotated.stdout.trim().split('\n')).toHaveLength(2);
  const district = await run('rotate-district', '--suite', 'national');
  expect(JSON.parse(district.stdout)).toMatchObject({ suite: 'national', from: expect.any(String) });
  const listed = (await run('list')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(listed).toHaveLength(7);
  expect(listed[1]).toMatchObject({ owner: 'gateway', suite: 'standard', state: 'announced', here: true });
  expect(listed[6]).toMatchObject({ owner: 'district', suite: 'national', state: 'announced', here: true });
  expect(await run('rotate-gateway', '--suite', 'standard')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('announced already'),
  });
  expect(
    Successor.parse(JSON.parse(readFileSync(keyFile(keys, 'gateway', 'standard', 2, 'json'), 'utf8'))),
  ).toBeTruthy();
});
