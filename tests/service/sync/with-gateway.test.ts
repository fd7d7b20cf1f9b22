import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Suite } from '#contract/suite.ts';
import { paths } from '#contract/wire.ts';
import { enrolCode, enrolCodeHash } from '#gateway/identity/codes.ts';
import { serve } from '#gateway/serve.ts';
import { openSqliteStore } from '#gateway/store/sqlite.ts';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { caseEntry, helpEntry } from '../journal/fixture.ts';
import { enrolledAt } from './at-gateway.ts';

/** Where the client tells that a request's head was written. */
const LEFT = 'undici:client:sendHeaders';

interface District {
  readonly url: string;
  readonly storePath: string;
  readonly desk: ReturnType<typeof openSqliteStore>;
}

async function newDistrict(): Promise<District> {
  const storePath = join(mkdtempSync(join(tmpdir(), 'yc-gateway-')), 'gateway.sqlite');
  const gateway = await serve({
    store: { kind: 'sqlite', uri: `sqlite:${storePath}`, path: storePath },
    keys: `${storePath}.keys`,
    host: '127.0.0.1',
    port: 0,
  });
  onTestFinished(() => gateway.stop());
  const desk = openSqliteStore(storePath, { newEpoch: () => '', missing: 'refuse' });
  onTestFinished(() => desk.close());
  return { url: gateway.url, storePath, desk };
}

/** A terminal that enrols, writes a case and has it acknowledged. */
async function sync({ url, desk }: District, suite: Suite) {
  const code = enrolCode(randomBytes(16));
  await desk.addEnrolCodes([enrolCodeHash(code)], '120103', new Date(Date.now() + 60_000));
  const { terminal, book, engine } = await enrolledAt(url, code, suite);
  book.write(caseEntry());
  const heard = new Promise<void>((resolve) => engine.onAcknowledged(() => resolve()));
  engine.start();
  await heard;
  expect(engine.status).toMatchObject({ network: 'online', unsynced: 0, quarantined: 0 });
  return { terminal, file: book.file };
}

it('sends the next batch before it writes down the answers for the last, and loses none of either', async () => {
  const { url, desk } = await newDistrict();
  const code = enrolCode(randomBytes(16));
  await desk.addEnrolCodes([enrolCodeHash(code)], '120103', new Date(Date.now() + 60_000));
  const { book, engine } = await enrolledAt(url, code, 'standard');
  for (let i = 0; i < 599; i += 1) book.write(helpEntry());
  const order: string[] = [];
  // What has gone out to the socket, not only what was asked for.
  let out = 0;
  const onOut = (message: unknown) => {
    const { request } = message as { request: { path: string } };
    if (request.path === paths.batches) out += 1;
  };
  subscribe(LEFT, onOut);
  onTestFinished(() => void unsubscribe(LEFT, onOut));
  const write = book.outbox.answer.bind(book.outbox);
  vi.spyOn(book.outbox, 'answer').mockImplementation((answers) => {
    order.push(`${out} out`);
    return write(answers);
  });
  const heard: number[] = [];
  const drained = new Promise<void>((resolve) =>
    engine.onAcknowledged((entries) => {
      heard.push(...entries.map(({ seq }) => seq));
      if (heard.length === 600) resolve();
    }),
  );
  engine.start();
  await drained;
  expect(order).toEqual(['2 out', '3 out', '3 out']);
  expect(heard).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
  expect(await desk.counts()).toMatchObject({ entries: 600, quarantined: 0 });
});

it.each(['standard', 'national'] as const)(
  'enrols with the %s suite and brings a case over that the intake opens',
  async (suite) => {
    const district = await newDistrict();
    await sync(district, suite);
    const { desk, storePath } = district;
    while ((await desk.counts()).cases === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await desk.counts()).toMatchObject({ entries: 2, cases: 1, quarantined: 0 });

    const db = new Database(storePath, { readonly: true });
    onTestFinished(() => void db.close());
    const beat = () => db.prepare('SELECT beat FROM heartbeats').pluck().get() as string | undefined;
    while (beat() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(JSON.parse(beat() ?? '')).toMatchObject({ quarantined: 0, sync: expect.any(String) });
  },
);

it('takes terminals of both suites in at one gateway, each in its own', async () => {
  const district = await newDistrict();
  const { desk } = district;
  const terminals = [await sync(district, 'national'), await sync(district, 'standard')];
  while ((await desk.counts()).cases < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await desk.counts()).toMatchObject({ terminals: 2, entries: 4, cases: 2, quarantined: 0 });
  const suites = await Promise.all(terminals.map(async ({ terminal }) => (await desk.terminal(terminal))?.suite));
  expect(suites).toEqual(['national', 'standard']);
  const verified = terminals.map(({ file }) => verifyJournal(file));
  expect(verified).toMatchObject([
    { ok: true, value: { suite: 'national', unsynced: 0 } },
    { ok: true, value: { suite: 'standard', unsynced: 0 } },
  ]);
});
