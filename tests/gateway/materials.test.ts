/** Scanned materials come up in parts, whole whatever happens on the way, and only those that an entry names. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Material, materialLimits } from '#contract/materials.ts';
import { limits } from '#contract/wire.ts';
import { watch } from '#gateway/audit/watch.ts';
import { DAILY_BYTES } from '#gateway/http/material-routes.ts';
import { gatewayKeys } from '#gateway/identity/keys.ts';
import { deskFolder } from '#gateway/intake/materials.ts';
import { logOf } from '#gateway/log.ts';
import { openIntake, openStore } from '#gateway/store/open.ts';
import { type Answer, type Client, Journal } from './client.ts';
import { sealMaterial } from './materials.ts';
import { onWire, Writer } from './sealing.ts';
import { bytesBelow, startGateway } from './stand.ts';
import { stores, testFolder } from './stores.ts';

const PICTURE = randomBytes(limits.partBytes * 2 + 1000);
/** The test's own SM4-GCM is slow. */
const SMALL = randomBytes(40_000);
const DAY_MS = 86_400_000;

function pathOf(hash: string, from?: number | string): string {
  return `/v1/terminals/self/materials/${hash}${from === undefined ? '' : `?from=${from}`}`;
}

function ask(terminal: Client, hash: string): Promise<Answer> {
  return terminal.request('GET', pathOf(hash), null);
}

function put(terminal: Client, hash: string, from: number | string, content: Uint8Array): Promise<Answer> {
  return terminal.request('POST', pathOf(hash, from), content);
}

async function putAll(terminal: Client, hash: string, sealed: Buffer, begin = 0): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let from = begin; from < sealed.length; from += limits.partBytes) {
    answers.push(await put(terminal, hash, from, sealed.subarray(from, from + limits.partBytes)));
  }
  return answers;
}

describe.each(stores)('on $name', ({ makeStore }) => {
  async function stand(suite: 'standard' | 'national' = 'standard') {
    const folder = testFolder();
    const made = await makeStore();
    const gateway = await startGateway(() => Promise.resolve(made), { desk: deskFolder(folder) });
    const terminal = await gateway.newTerminal('120103', suite);
    const { terminalId } = terminal.identity;
    const journal = (incarnation: number) => new Writer(terminal.identity, new Journal(terminalId, incarnation, suite));
    const writer = journal(1);
    const day = writer.dayKey();
    const caseKey = writer.newKey();
    const by = { suite, terminal: terminalId, caseKey };
    const { sealed, material } = sealMaterial(by, 'image/jpeg', suite === 'national' ? SMALL : PICTURE);
    const caseWith = (materials: readonly object[], of = caseKey) =>
      writer.case(day.dayKey, { open: { materials }, caseKey: of });
    /** The case with its material, seen by the intake. */
    const named = async (materials: readonly Material[] = [material]) => {
      const accepted = caseWith(materials);
      await terminal.send([day.entry, onWire(accepted)]);
      await gateway.drain();
      return accepted;
    };
    const quarantine = () =>
      gateway.rows('SELECT seq, code, waits_for FROM quarantine WHERE resolved_at IS NULL ORDER BY seq');
    const cases = async () => (await gateway.store.counts()).cases;
    const parts = async () => Number((await gateway.rows('SELECT count(*) AS n FROM material_parts'))[0]?.['n']);
    const store = async () => {
      const opened = await openStore(made.address, { newEpoch: randomUUID, missing: 'refuse' });
      onTestFinished(() => opened.close());
      return opened;
    };
    const asked = { gateway, terminal, writer, day, by, sealed, material, named, caseWith, journal };
    return { ...asked, made, folder, quarantine, cases, parts, store };
  }

  test.each(['standard', 'national'] as const)(
    'a case waits for its material, which comes in parts and is opened for the desk: %s',
    async (suite) => {
      const { gateway, terminal, sealed, material, named, quarantine, cases, folder } = await stand(suite);
      const { hash, bytes } = material;
      const accepted = await named();
      expect(await quarantine()).toEqual([{ seq: 2, code: 'no-material', waits_for: hash }]);
      expect(await cases()).toBe(0);

      const first = await ask(terminal, hash);
      expect(first).toMatchObject({ status: 200, body: { bytes, here: 0 } });
      expect(terminal.isSigned(first)).toBe(true);
      const answers = await putAll(terminal, hash, sealed);
      const here = suite === 'national' ? [bytes] : [limits.partBytes, limits.partBytes * 2, bytes];
      const plain = suite === 'national' ? SMALL : PICTURE;
      expect(answers.map(({ body }) => body)).toEqual(here.map((n) => ({ bytes, here: n })));
      expect(answers.every((answer) => terminal.isSigned(answer))).toBe(true);
      // Again is success, and changes nothing.
      expect(await put(terminal, hash, 0, sealed.subarray(0, 5))).toMatchObject({
        status: 200,
        body: { bytes, here: bytes },
      });
      expect(await ask(terminal, hash)).toMatchObject({ status: 200, body: { bytes, here: bytes } });

      await gateway.drain();
      expect(await quarantine()).toEqual([]);
      expect(await cases()).toBe(1);
      const file = join(folder, terminal.identity.terminalId, accepted.case, `${hash}.jpg`);
      expect(readFileSync(file).equals(plain)).toBe(true);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const atRest = bytesBelow(gateway.files);
      expect(atRest.includes(plain.subarray(0, 64))).toBe(false);
    },
  );

  test('materials come before the rest of a case can be used: its key, its catalogue', async () => {
    const { gateway, terminal, day, sealed, material, caseWith, quarantine, cases } = await stand();
    const accepted = caseWith([material]);
    const [key, entry] = [day.entry, onWire(accepted)];
    // The key comes in another incarnation, later.
    const moved = new Journal(terminal.identity.terminalId, 2);
    const again = (one: typeof key) => moved.add({ ...one, body: Buffer.from(one.body) });
    await terminal.send([again(entry)]);
    await gateway.drain();
    expect(await quarantine()).toMatchObject([{ code: 'no-day-key' }]);
    expect((await putAll(terminal, material.hash, sealed)).every(({ status }) => status === 200)).toBe(true);
    await terminal.send([again(key)]);
    await gateway.drain();
    expect(await quarantine()).toEqual([]);
    expect(await cases()).toBe(1);
  });

  test('what no entry of this terminal names is refused, whoever else may send it', async () => {
    const { gateway, terminal, sealed, material, named } = await stand();
    const notFound = { status: 404, body: { code: 'not-found' } };
    expect(await put(terminal, material.hash, 0, sealed.subarray(0, 10))).toMatchObject(notFound);
    await named();
    const neighbour = await gateway.newTerminal();
    for (const [who, name] of [
      [neighbour, material.hash],
      [terminal, 'f'.repeat(64)],
      [terminal, material.hash.toUpperCase()],
      [terminal, '..%2f..%2fstore'],
      [terminal, '%00'],
      [terminal, "'%20OR%201=1"],
    ] as const) {
      expect(await ask(who, name), name).toMatchObject(notFound);
      expect(await put(who, name, 0, sealed.subarray(0, 10)), name).toMatchObject(notFound);
    }
    expect(await ask(terminal, material.hash)).toMatchObject({ body: { here: 0 } });
  });

  test('a part elsewhere than at the end of what is there changes nothing, and tells how far it came', async () => {
    const { terminal, sealed, material, named, parts } = await stand();
    await named();
    const { hash, bytes } = material;
    expect(await put(terminal, hash, 5, sealed.subarray(5, 10))).toMatchObject({
      status: 200,
      body: { bytes, here: 0 },
    });
    expect(await put(terminal, hash, 0, sealed.subarray(0, 10))).toMatchObject({ body: { bytes, here: 10 } });
    // A lost answer has it sent again; another's bytes in its place don't count.
    expect(await put(terminal, hash, 0, randomBytes(10))).toMatchObject({ status: 200, body: { bytes, here: 10 } });
    expect(await put(terminal, hash, 11, sealed.subarray(11, 20))).toMatchObject({
      status: 200,
      body: { bytes, here: 10 },
    });
    const rest = await putAll(terminal, hash, sealed, 10);
    expect(rest.at(-1)).toMatchObject({ status: 200, body: { bytes, here: bytes } });
    expect(await parts()).toBe(4);
  });

  test('one part that comes twice at the same time counts once', async () => {
    const { terminal, sealed, material, named, parts } = await stand();
    await named();
    const part = sealed.subarray(0, 1000);
    const both = await Promise.all([1, 2, 3, 4].map(() => put(terminal, material.hash, 0, part)));
    for (const { status } of both) expect([200, 429]).toContain(status);
    expect(await ask(terminal, material.hash)).toMatchObject({ body: { here: 1000 } });
    expect(await parts()).toBe(1);
  });

  test('parts through two gateways at the same time leave one whole', async () => {
    const { terminal, sealed, material, named, store, gateway } = await stand();
    await named();
    const owner = { region: '120103', id: terminal.identity.terminalId };
    const other = await store();
    for (let from = 0; from < sealed.length; from += limits.partBytes) {
      const part = { from, content: sealed.subarray(from, from + limits.partBytes) };
      const here = Math.min(from + limits.partBytes, sealed.length);
      const both = await Promise.all(
        [gateway.store, other].map((one) => one.addMaterialPart(owner, material.hash, part, new Date())),
      );
      expect(both).toMatchObject([{ here }, { here }]);
    }
    expect(await ask(terminal, material.hash)).toMatchObject({ status: 200, body: { here: sealed.length } });
  });

  test('wrong bytes are found at the end and thrown away, and the right ones then come', async () => {
    const { gateway, terminal, sealed, material, named, parts, cases } = await stand();
    await named();
    const spoiled = Buffer.from(sealed);
    spoiled.writeUInt8(spoiled.readUInt8(70_000) ^ 1, 70_000);
    const answers = await putAll(terminal, material.hash, spoiled);
    expect(answers.at(-1)).toMatchObject({ status: 400, body: { code: 'digest' } });
    expect(await parts()).toBe(0);
    expect(await ask(terminal, material.hash)).toMatchObject({ status: 200, body: { here: 0 } });
    await gateway.drain();
    expect(await cases()).toBe(0);
    expect((await putAll(terminal, material.hash, sealed)).at(-1)).toMatchObject({ status: 200 });
    await gateway.drain();
    expect(await cases()).toBe(1);
  });

  test('a gateway that ended before it had checked the whole is no loss: the next question has it checked', async () => {
    const { gateway, terminal, sealed, material, named, cases } = await stand();
    await named();
    const cut = vi.spyOn(gateway.store, 'settleMaterial').mockRejectedValueOnce(new Error('killed'));
    expect((await putAll(terminal, material.hash, sealed)).at(-1)).toMatchObject({ status: 500 });
    await gateway.drain();
    expect(await cases()).toBe(0);
    expect(await ask(terminal, material.hash)).toMatchObject({ status: 200, body: { here: sealed.length } });
    expect(cut).toHaveBeenCalledTimes(2);
    await gateway.drain();
    expect(await cases()).toBe(1);
  });

  test('an altered part is refused before it is kept, and so is one that is none', async () => {
    const { terminal, sealed, material, named } = await stand();
    await named();
    const { hash, bytes } = material;
    const part = sealed.subarray(0, 100);
    const malformed = { status: 400, body: { code: 'malformed' } };
    for (const [path, content, bend, refusal] of [
      [pathOf(hash, 0), part, { send: { body: randomBytes(100) } }, { status: 400, body: { code: 'digest' } }],
      [pathOf(hash, 0), part, { send: { path: pathOf(hash, 5) } }, { status: 401, body: { code: 'signature' } }],
      [pathOf(hash, 0), Buffer.alloc(0), {}, malformed],
      [pathOf(hash), part, {}, malformed],
      [pathOf(hash, '-1'), part, {}, malformed],
      [pathOf(hash, '0x0'), part, {}, malformed],
      [pathOf(hash, '9'.repeat(10)), part, {}, malformed],
      [`${pathOf(hash, 0)}&from=5`, part, {}, malformed],
      [pathOf(hash, bytes - 99), part, {}, { status: 416, body: { code: 'range' } }],
      [pathOf(hash, 0), Buffer.alloc(limits.partBytes + 1), {}, { status: 413, body: { code: 'too-large' } }],
    ] as const) {
      expect(await terminal.request('POST', path, content, bend), path).toMatchObject(refusal);
    }
    expect(await ask(terminal, hash)).toMatchObject({ body: { here: 0 } });
  });

  test('one terminal can not fill the disk: a day has its bytes, and a body its materials', async () => {
    const { gateway, terminal, sealed, material, named, made } = await stand();
    await named();
    await made.change(`INSERT INTO materials (region, terminal, hash, incarnation, seq, bytes, here, touched_at)
      SELECT region, terminal, 'old', incarnation, seq, ${DAILY_BYTES}, ${DAILY_BYTES - 10}, ${
        makeStore.name === 'sqliteStore' ? Date.now() : 'now()'
      } FROM materials`);
    expect(await put(terminal, material.hash, 0, sealed.subarray(0, 10))).toMatchObject({ status: 200 });
    const full = await put(terminal, material.hash, 10, sealed.subarray(10, 11));
    expect(full).toMatchObject({ status: 429, body: { code: 'busy' } });
    expect(full.headers.get('retry-after')).toBe('3600');
    // Entries are let in as before.
    const { terminalId } = terminal.identity;
    const other = new Writer(terminal.identity, new Journal(terminalId, 2));
    expect((await terminal.send([other.plain('help', { ticket: randomUUID(), why: 'called' })])).entries).toHaveLength(
      1,
    );
    gateway.clock.offsetMs = DAY_MS + 60_000;
    const late = await terminal.request('POST', pathOf(material.hash, 10), sealed.subarray(10, 11), {
      createdOffsetS: gateway.clock.offsetMs / 1000,
    });
    expect(late).toMatchObject({ status: 200, body: { here: 11 } });
  });

  test.each([
    ['too many', (one: Material) => Array.from({ length: materialLimits.perCase + 1 }, () => one)],
    ['too large', (one: Material) => [{ ...one, bytes: materialLimits.bytes + 1 }]],
    ['of another kind', (one: Material) => [{ ...one, mediaType: 'text/html' }]],
    ['with a name of a file', (one: Material) => [{ ...one, name: 'scan.jpg' }]],
  ])('materials that are %s name nothing', async (_how, bend) => {
    const { terminal, day, material, caseWith, gateway, quarantine } = await stand();
    await terminal.send([day.entry, onWire(caseWith(bend(material)))]);
    await gateway.drain();
    expect(await quarantine()).toMatchObject([{ code: 'open' }]);
    expect(await ask(terminal, material.hash)).toMatchObject({ status: 404 });
  });

  test('what is sealed with another key, for another kind, or cut, is not laid down', async () => {
    const { gateway, terminal, day, by, caseWith, quarantine, cases, folder, writer } = await stand();
    const plain = randomBytes(70_000);
    const foreign = sealMaterial({ ...by, caseKey: { ...by.caseKey, key: writer.newKey().key } }, 'image/png', plain);
    const kind = sealMaterial(by, 'image/png', plain);
    // The first chunk alone, as if it were all.
    const whole = sealMaterial(by, 'image/png', plain);
    const cut = whole.sealed.subarray(0, 7 + 16_384 + 16);
    const cutName = {
      hash: createHash('sha256').update(cut).digest('hex'),
      bytes: cut.length,
      mediaType: 'image/png' as const,
    };
    const named = [
      foreign.material,
      { ...kind.material, mediaType: 'application/pdf' as const },
      cutName,
      // The length that another entry told counts.
      { ...foreign.material, bytes: foreign.material.bytes + 1 },
    ];
    await terminal.send([day.entry, ...named.map((one) => onWire(caseWith([one])))]);
    await gateway.drain();
    await putAll(terminal, foreign.material.hash, foreign.sealed);
    await putAll(terminal, kind.material.hash, kind.sealed);
    await putAll(terminal, cutName.hash, cut);
    await gateway.drain();
    expect((await quarantine()).map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'material'));
    expect(await cases()).toBe(0);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\./.test(name));
    expect(files).toEqual([]);
  });

  test('nobody opens the materials of an erased case, and they are thrown away', async () => {
    const { gateway, terminal, sealed, material, named, made, parts, folder, quarantine } = await stand();
    await named();
    await putAll(terminal, material.hash, sealed);
    await made.change('DELETE FROM wrapped_keys');
    await gateway.drain();
    expect(await quarantine()).toMatchObject([{ code: 'no-case-key' }]);
    expect(existsSync(join(folder, terminal.identity.terminalId))).toBe(false);
    const log = logOf('gateway', 'error');
    const options = { store: gateway.store, keys: gatewayKeys(made.keys), log, now: gateway.clock.now };
    await watch({ ...options, anchorHour: 2, gapMs: DAY_MS }).round();
    expect(await parts()).toBe(0);
    expect(await gateway.rows('SELECT * FROM materials')).toEqual([]);
  });

  test('an erased case waits for no material and names none, and what came of it is thrown away', async () => {
    const { gateway, terminal, writer, sealed, material, named, cases, made, parts, quarantine } = await stand();
    const { case: _, ...entry } = await named();
    await put(terminal, material.hash, 0, sealed.subarray(0, 100));
    const order = writer.plain('erasure', { entries: [entry.id] });
    await terminal.send([order]);
    await gateway.drain();
    expect([await quarantine(), await cases()]).toEqual([[], 1]);
    const log = logOf('gateway', 'error');
    const options = { store: gateway.store, keys: gatewayKeys(made.keys), log, now: gateway.clock.now };
    await watch({ ...options, anchorHour: 2, gapMs: DAY_MS }).round();
    expect(await parts()).toBe(0);

    const moved = new Journal(terminal.identity.terminalId, 2);
    await terminal.send([moved.add({ ...entry, body: Buffer.from(entry.body) })]);
    await gateway.drain();
    expect([await quarantine(), await cases()]).toEqual([[], 1]);
    expect(await ask(terminal, material.hash)).toMatchObject({ status: 404 });
  });

  test('a case that waits for its material, and what is told of it, is an alert only when that lasts', async () => {
    const { gateway, terminal, named, writer } = await stand();
    const accepted = await named();
    await terminal.send([writer.plain('rating', { case: accepted.case, level: 5, reasons: [] })]);
    await gateway.drain();
    const codes = async (gapBefore: number) => {
      const found = await gateway.store.alerts(new Date(gapBefore), new Date(0));
      return found.flatMap((alert) => (alert.kind === 'quarantine' ? [alert.code] : []));
    };
    expect(await codes(Date.now() - DAY_MS)).toEqual([]);
    expect(await codes(Date.now() + DAY_MS)).toEqual(['no-case', 'no-material']);
  });

  test('what came of one that nobody goes on sending is thrown away after a week, and may come anew', async () => {
    const { gateway, terminal, sealed, material, named, made, parts } = await stand();
    await named();
    await put(terminal, material.hash, 0, sealed.subarray(0, 100));
    const log = logOf('gateway', 'error');
    const options = { store: gateway.store, keys: gatewayKeys(made.keys), log, now: gateway.clock.now };
    const { round } = watch({ ...options, anchorHour: 2, gapMs: DAY_MS });
    await round();
    expect(await parts()).toBe(1);
    gateway.clock.offsetMs = 8 * DAY_MS;
    await round();
    expect(await parts()).toBe(0);
    gateway.clock.offsetMs = 0;
    expect((await putAll(terminal, material.hash, sealed)).at(-1)).toMatchObject({ status: 200 });
    gateway.clock.offsetMs = 30 * DAY_MS;
    await watch({ ...options, anchorHour: 2, gapMs: DAY_MS }).round();
    expect(await parts()).toBe(3);
  });

  test('a material that becomes whole while the intake looks is not waited for in vain', async () => {
    const { terminal, sealed, material, named, caseWith, made } = await stand();
    await named();
    await putAll(terminal, material.hash, sealed.subarray(0, -1));
    await terminal.send([onWire(caseWith([material]))]);
    const intake = await openIntake(made.address, { newEpoch: randomUUID, missing: 'refuse' });
    onTestFinished(() => intake.close());
    const work = await intake.next(100);
    if (!work) throw new Error('there is nothing to look at');
    expect(work.entries).toHaveLength(1);
    await put(terminal, material.hash, sealed.length - 1, sealed.subarray(-1));
    const finding = { what: 'invalid', code: 'no-material', waitsFor: material.hash, materials: [material] } as const;
    expect(await intake.finish(work, [finding], new Date())).toBe(false);
  });
});
