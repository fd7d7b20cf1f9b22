/** `yichuang gateway erase | erasures`: what staff must erase (R40). */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { err, ok } from '#contract/result.ts';
import { sync } from '../audit/backup.ts';
import type { StoreAddress } from '../store/address.ts';
import { type EntryName, Erasure } from '../store/erasures.ts';
import type { GatewayStore } from '../store/store.ts';
import { argument, print, storeOption, withStore } from './common.ts';

export const IN_THE_WAY =
  'it is erased, but somebody who reads keeps the write-ahead log from being emptied: run this again';

/** For longer than any item's record is kept at a terminal. */
const TOLD_MS = 3 * 366 * 86_400_000;

const order = argument((text) =>
  Erasure.shape.order.safeParse(text).success
    ? ok(text)
    : err('give the number of the order: at most 64 letters, digits and . / _ -; it names nobody'),
);
const entry = argument((text) => (Erasure.shape.entry.safeParse(text).success ? ok(text) : err('an entry is a UUID')));

interface Given {
  readonly store: StoreAddress;
  readonly order: string;
  readonly record: string;
  readonly receipt?: string;
  readonly entry?: string;
  readonly terminal?: string;
}

export function addErasureCommands(program: Command): void {
  program
    .command('erase')
    .description(
      "destroy the keys of a case's personal part, for good; what is open of the case stays, and chains verify",
    )
    .requiredOption(...storeOption)
    .requiredOption('--order <number>', 'by which order; it names nobody', order)
    .requiredOption('--record <file>', 'kept apart from the store and its backups; what is erased is added to it first')
    .addOption(new Option('--receipt <number>', 'the case with this receipt number').conflicts(['entry', 'terminal']))
    .option('--entry <id>', 'or the entry with this id', entry)
    .option('--terminal <id>', 'of this terminal')
    .action(async (given: Given) => {
      await withStore(given.store, 'refuse', async (store) => {
        const name = await named(store, given);
        const erasure: Erasure = { ...name, by: 'staff', order: given.order, at: new Date().toISOString() };
        addToRecord(given.record, erasure);
        const keys = await store.erase([erasure]);
        const update = await tellTerminal(store, erasure);
        if (!(await store.wipe())) throw new Error(IN_THE_WAY);
        print({ ...erasure, keys, update });
      });
    });

  program
    .command('erasures')
    .description('print what was erased and by which order, a JSON line each, the oldest first')
    .requiredOption(...storeOption)
    .action(async (given: { store: StoreAddress }) => {
      for (const erasure of await withStore(given.store, 'refuse', (store) => store.erasures())) print(erasure);
    });
}

/** Has the terminal erase it too. @returns the update's id; null when it has none to do, or is not of this store. */
export async function tellTerminal(
  store: GatewayStore,
  { region, terminal, entry, by }: Erasure,
): Promise<string | null> {
  if (by === 'terminal' || !(await store.terminal(terminal))) return null;
  const now = new Date();
  const id = randomUUID();
  const expiresAt = new Date(now.getTime() + TOLD_MS).toISOString();
  await store.publish({ id, expiresAt, kind: 'erase-entry', entry }, { region, terminal }, now);
  return id;
}

async function named(store: GatewayStore, { receipt, entry, terminal: id }: Given): Promise<EntryName> {
  if (receipt !== undefined) {
    const [first, ...others] = await store.entriesOfReceipt(receipt);
    if (!first) throw new Error('no case has this receipt number: give --terminal and --entry, if it is in quarantine');
    if (others.length === 0) return first;
    const all = [first, ...others].map((one) => `--terminal ${one.terminal} --entry ${one.entry}`).join('\n');
    throw new Error(`several cases have this receipt number; name one of them:\n${all}`);
  }
  if (entry === undefined || id === undefined) throw new Error('say what: --receipt, or --terminal and --entry');
  const terminal = await store.terminal(id);
  if (!terminal) throw new Error('there is no such terminal');
  const name = { region: terminal.region, terminal: id, entry };
  if (!(await store.knowsEntry(name))) throw new Error('this terminal has sent no case with this id');
  return name;
}

/** On the disk before anything is erased: what the store did and the record does not know, a restored backup would undo. */
function addToRecord(file: string, erasure: Erasure): void {
  const record = openSync(file, 'a+', 0o600);
  try {
    // A line that was cut off stays one by itself.
    const text = readFileSync(file, 'utf8');
    writeSync(record, `${text === '' || text.endsWith('\n') ? '' : '\n'}${JSON.stringify(erasure)}\n`);
  } finally {
    closeSync(record);
  }
  sync(file);
  sync(dirname(file));
}

/** @throws Error that names the line which is none; what is left out would come back. */
export function readRecord(file: string): Erasure[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, i) => (line === '' ? [] : [erasureOf(line, `${file}, line ${i + 1}`)]));
}

function erasureOf(line: string, where: string): Erasure {
  try {
    return Erasure.parse(JSON.parse(line));
  } catch {
    throw new Error(`${where} is no line of \`gateway erasures\` or of a record; nothing was changed`);
  }
}
