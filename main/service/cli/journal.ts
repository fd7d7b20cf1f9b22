import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import { EntryKind } from '#contract/wire.ts';
import { type ExportError, exportJournal, type Manifest } from '../journal/export.ts';
import { type ExportCheckError, type VerifiedExport, verifyExport } from '../journal/export-check.ts';
import { type Retried, type RetryError, retryEntry } from '../journal/retry.ts';
import { type ShowQuery, showJournal } from '../journal/show.ts';
import { type VerifiedJournal, type VerifyError, verifyJournal } from '../journal/verify.ts';
import { STORE_FILE } from '../store/open.ts';
import { systemClock } from '../time/clock.ts';
import { type CommandError, conclude } from './outcome.ts';

const dataOption = ['--data <folder>', "the terminal's data folder"] as const;

interface Verify {
  readonly data?: string;
  readonly export?: string;
}

interface Retry {
  readonly data: string;
  readonly seq: number;
  readonly incarnation?: number;
}

export function journalCommands(): Command {
  const journal = new Command('journal').description("look into a terminal's journal");
  journal
    .command('verify')
    .description('check every entry of the chain, read-only; a running service is not disturbed')
    .addOption(new Option(...dataOption).conflicts('export'))
    .option('--export <file>', 'check an export instead, without its store')
    .action((o: Verify) => conclude(verify(o)));
  journal
    .command('show')
    .description('tell entries as JSON lines, nothing personal; a running service is not disturbed')
    .requiredOption(...dataOption)
    .option('--seq <number>', 'those with this sequence', countArgument)
    .option('--last <number>', 'only so many, the newest', countArgument)
    .addOption(new Option('--kind <kind>', 'those of one kind').choices(EntryKind.options))
    .option('--quarantined', 'those that the district could not use')
    .action(show);
  journal
    .command('export')
    .description('write all entries as they travel, a line each, and what they are in the last line')
    .requiredOption(...dataOption)
    .requiredOption('--output <file>', 'a new file')
    .action((o: { data: string; output: string }) => conclude(exported(o)));
  journal
    .command('retry')
    .description(
      'let an entry that the district could not use, also one that it had taken, wait for it again; the service may run',
    )
    .requiredOption(...dataOption)
    .requiredOption('--seq <number>', 'its sequence', countArgument)
    .option('--incarnation <number>', 'where more than one has such an entry', countArgument)
    .action((o: Retry) => conclude(retry(o)));
  return journal;
}

function countArgument(text: string): number {
  const count = Number(text);
  if (!(Number.isSafeInteger(count) && count >= 1)) throw new InvalidArgumentError('give a whole number from 1');
  return count;
}

function verify(o: Verify): Result<VerifiedJournal | VerifiedExport, CommandError> {
  if (o.export !== undefined) return worded(verifyExport(o.export));
  if (o.data !== undefined) return worded(verifyJournal(join(o.data, STORE_FILE)));
  return err({ code: 'input', detail: 'nothing to verify was named', remedy: 'give --data or --export' });
}

/** Prints pages as they are read; who has seen enough, as `head` does, ends it. */
async function show({ data, ...query }: ShowQuery & { data: string }): Promise<void> {
  const gone = new AbortController();
  process.stdout.on('error', () => gone.abort());
  for (let from: number | null = null; !gone.signal.aborted; ) {
    const page = showJournal(join(data, STORE_FILE), query, from);
    if (!page.ok) return conclude(worded(page));
    for (const entry of page.value.entries) process.stdout.write(`${JSON.stringify(entry)}\n`);
    from = page.value.next;
    if (from === null) return;
    await setImmediate();
  }
}

function exported(o: { data: string; output: string }): Result<Manifest, CommandError> {
  return worded(exportJournal(join(o.data, STORE_FILE), o.output));
}

function retry({ data, ...o }: Retry): Result<Retried, CommandError> {
  return worded(retryEntry({ file: join(data, STORE_FILE), ...o, at: systemClock().wall() }));
}

/** Gives what went wrong its words and its remedy. */
function worded<T>(
  result: Result<T, VerifyError | ExportError | ExportCheckError | RetryError>,
): Result<T, CommandError> {
  return result.ok ? ok(result.value) : err(inWords(result.error));
}

function inWords(error: VerifyError | ExportError | ExportCheckError | RetryError): CommandError {
  const { code } = error;
  switch (code) {
    case 'no-journal':
      return { code, detail: error.detail, remedy: "give the terminal's data folder with --data" };
    case 'journal-broken':
      return {
        code,
        detail: `entry ${error.seq} of incarnation ${error.incarnation}: ${error.why}`,
        remedy: 'keep the data folder as it is and call the vendor',
      };
    case 'output-exists':
      return { code, detail: error.detail, remedy: 'give the path of a new file with --output' };
    case 'output':
      return { code, detail: error.detail, remedy: 'see that the disk has room and the folder may be written to' };
    case 'no-export':
      return { code, detail: error.detail, remedy: 'give the path of an export with --export' };
    case 'export-broken':
      return {
        code,
        detail: `line ${error.line}: ${error.why}`,
        remedy: 'take another copy of the file, or export the journal again',
      };
    case 'nothing-to-retry':
      return { code, detail: error.detail, remedy: 'see journal show --quarantined' };
    case 'ambiguous':
      return { code, detail: error.detail, remedy: 'name one with --incarnation' };
    case 'store-newer':
    case 'store-damaged':
    case 'store-in-use':
    case 'disk-full':
    case 'store-failed':
      return { code, detail: error.detail, remedy: error.remedy };
    default:
      return unreachable(code);
  }
}
