import { createPublicKey } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import type { WireEntry } from '#contract/wire.ts';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { tallyByCursors } from '#main/service/fleet/tally.ts';
import { ensureTerminalKey } from '#main/service/identity/identity.ts';
import { silentLog } from '#main/service/log/log.ts';
import { Records } from '#main/service/records.ts';
import { systemClock, systemTimers } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { enrol } from '../fixture.ts';
import { helpEntry } from '../journal/fixture.ts';
import { newFolders } from '../store/fixture.ts';
import { TestGateway } from '../sync/gateway.ts';
import { CATALOGUE } from './stand.ts';

const clock = systemClock();

/** A terminal of three entries, and a gateway that has what the test puts there. */
async function bothSides() {
  const folders = newFolders();
  const gateway = await TestGateway.start(createPublicKey(ensureTerminalKey(folders.etc)));
  enrol(folders.etc, gateway.publicKey);
  const catalogue = loadCatalogue(CATALOGUE);
  if (!catalogue.ok) throw new Error(catalogue.error.detail);
  const opened = await Records.open({
    folders,
    suite: 'standard',
    catalogue: catalogue.value,
    clock,
    timers: systemTimers(),
    random: systemRandom(clock),
    log: silentLog(),
  });
  if (!opened.ok) throw new Error(opened.error.code);
  const records = opened.value;
  onTestFinished(() => records.close());
  for (let i = 0; i < 2; i += 1) records.store.transaction(() => records.journal.append(helpEntry()));
  const lines = records.outbox.next(200, Number.POSITIVE_INFINITY)?.ndjson.trim().split('\n') ?? [];
  return {
    gateway,
    records,
    entries: lines.map((line) => JSON.parse(line) as WireEntry),
    give: (entries: readonly WireEntry[]) => {
      gateway.chains.set(1, new Map(entries.map((entry) => [entry.seq, { entry }])));
    },
    tally: (patienceMs = 0, signal = new AbortController().signal) =>
      tallyByCursors(records, { url: gateway.url, clock, now: () => performance.now(), patienceMs, signal }),
  };
}

it('counts what the gateway has not', async () => {
  const { entries, give, tally } = await bothSides();
  expect(await tally()).toMatchObject({ ok: true, value: { committed: 3, lost: 3, doubled: 0 } });
  give(entries.slice(0, 2));
  expect(await tally()).toMatchObject({ ok: true, value: { committed: 3, lost: 1, doubled: 0 } });
  give(entries);
  expect(await tally()).toMatchObject({ ok: true, value: { committed: 3, lost: 0, doubled: 0 } });
});

it('counts what was never committed, and takes no chain for ours whose head is another', async () => {
  const { entries, give, tally } = await bothSides();
  const [first] = entries;
  if (!first) throw new Error('there is no entry');
  give([...entries, { ...first, seq: 4 }]);
  expect(await tally()).toMatchObject({ ok: true, value: { committed: 3, lost: 3, doubled: 1 } });
  give([...entries.slice(0, 2), { ...first, seq: 3 }]);
  expect(await tally()).toMatchObject({ ok: true, value: { committed: 3, lost: 3, doubled: 0 } });
});

it('counts an entry once that moved into another incarnation', async () => {
  const { entries, gateway, give, records, tally } = await bothSides();
  give(entries.slice(0, 1));
  records.outbox.answer([{ incarnation: 1, seq: 1, result: 'stored' }]);
  await records.outbox.beginIncarnation(2);
  expect(await tally()).toMatchObject({ ok: true, value: { committed: 3, lost: 2, doubled: 0 } });
  const moved = records.outbox.next(200, Number.POSITIVE_INFINITY)?.ndjson.trim().split('\n') ?? [];
  gateway.chains.set(2, new Map(moved.map((line, i) => [i + 1, { entry: JSON.parse(line) as WireEntry }])));
  expect(await tally()).toMatchObject({ ok: true, value: { committed: 3, lost: 0, doubled: 0 } });
});

it('waits for a gateway that is away as long as patience lasts, and counts nothing without it', async () => {
  const { entries, gateway, give, tally } = await bothSides();
  give(entries);
  gateway.cursorFaults = [{ fault: 'refused-connection' }];
  expect(await tally(60_000)).toMatchObject({ ok: true, value: { lost: 0 } });
  gateway.cursorFaults = [{ fault: 'refused-connection' }];
  expect(await tally()).toMatchObject({ ok: false, error: { code: 'gateway-away' } });
});

it('waits no more once the run was ended', async () => {
  const { gateway, tally } = await bothSides();
  gateway.cursorFaults = [{ fault: 'refused-connection' }, { fault: 'refused-connection' }];
  const end = new AbortController();
  const running = tally(600_000, end.signal);
  end.abort();
  expect(await running).toMatchObject({ ok: false, error: { code: 'gateway-away' } });
});
