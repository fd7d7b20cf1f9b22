import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { unreachable } from '#contract/result.ts';
import type { WireEntry } from '#contract/wire.ts';
import { checkEntry } from '#gateway/journal/entry.ts';
import { openStore } from '#gateway/store/open.ts';
import { Journal, link } from './client.ts';
import { stores } from './stores.ts';

const SIZE = 12;

/** What is wrong with an entry of the terminal's own journal; `both` sends it damaged and whole. */
const Fault = fc.constantFrom('none', 'none', 'none', 'body', 'both', 'hash', 'link', 'version');
type Fault = 'none' | 'body' | 'both' | 'hash' | 'link' | 'version';

/** The entries of a journal of which some are damaged; each links to what the terminal's journal has before it. */
function journalOf(terminal: string, faults: readonly Fault[]): object[] {
  const clean = new Journal(terminal);
  let head = '0'.repeat(64);
  return faults.flatMap((fault, i) => {
    const body = Buffer.from(JSON.stringify({ v: 1, open: { i }, sealed: null }));
    const drafted = clean.add({ id: randomUUID(), kind: 'help', body, keys: [] });
    const entry = link({ ...drafted, prevHash: fault === 'link' ? 'e'.repeat(64) : head });
    head = entry.hash;
    return damaged(entry, fault);
  });
}

function damaged(entry: WireEntry, fault: Fault): object[] {
  switch (fault) {
    case 'none':
    case 'link':
      return [entry];
    case 'body':
      return [{ ...entry, body: 'AAAA' }];
    case 'both':
      return [entry, { ...entry, body: 'AAAA' }];
    case 'hash':
      return [{ ...entry, hash: 'd'.repeat(64) }];
    case 'version':
      return [{ ...entry, v: 9 }];
    default:
      return unreachable(fault);
  }
}

const KEPT = [
  'SELECT incarnation, seq, state, id, body_hash, prev_hash, hash FROM entries ORDER BY seq',
  'SELECT seq, fingerprint, code, takes_place, hash, line FROM quarantine ORDER BY seq, fingerprint',
  'SELECT incarnation, contiguous_seq, head_hash, computed_hash, max_seq FROM heads',
];

/** Each run empties the store twice; where a commit is a conversation with a server, fewer of them have to do. */
const RUNS: Readonly<Record<string, number>> = { SQLite: 150, PostgreSQL: 40 };

test.each(stores)(
  'any order, any cut into batches and any repeats end with the same $name',
  async ({ name, makeStore }) => {
    const { address, rows, change } = await makeStore();
    const store = await openStore(address, { newEpoch: randomUUID, missing: 'create' });
    onTestFinished(() => store.close());
    const registered = await store.register('120103', {
      id: randomUUID(),
      suite: 'standard',
      publicKey: 'key',
      at: new Date(0),
    });
    if (!registered.ok) throw new Error(registered.error);
    const terminal = registered.value;

    /** What an emptied store keeps of these batches. */
    async function kept(batches: readonly (readonly object[])[]): Promise<unknown[]> {
      for (const table of ['entries', 'wrapped_keys', 'quarantine', 'heads']) await change(`DELETE FROM ${table}`);
      for (const batch of batches) {
        const items = batch.flatMap((entry) => checkEntry(entry, terminal) ?? []);
        const answers = await store.append(terminal, items, new Date(0));
        expect(answers.map(({ seq }) => seq)).toEqual(items.map(({ seq }) => seq));
      }
      return Promise.all(KEPT.map(rows));
    }

    const scenario = fc
      .array(Fault, { minLength: SIZE, maxLength: SIZE })
      .map((faults) => journalOf(terminal.id, faults))
      .chain((entries) =>
        fc.record({
          entries: fc.constant(entries),
          order: fc.shuffledSubarray(entries, { minLength: entries.length }),
          before: fc.subarray(entries, { maxLength: 4 }),
          after: fc.subarray(entries),
          cut: fc.integer({ min: 1, max: 9 }),
        }),
      );

    await fc.assert(
      fc.asyncProperty(scenario, async ({ entries, order, before, after, cut }) => {
        const sent = [...before, ...order, ...after];
        const batches = Array.from({ length: Math.ceil(sent.length / cut) }, (_, i) =>
          sent.slice(i * cut, (i + 1) * cut),
        );
        const scrambled = await kept(batches);
        const inOrder = await kept([entries]);
        expect(scrambled).toEqual(inOrder);
        expect(inOrder[2]).toMatchObject([{ contiguous_seq: SIZE, max_seq: SIZE }]);
      }),
      { numRuns: RUNS[name] ?? 0 },
    );
  },
);
