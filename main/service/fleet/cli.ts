/** `yichuang fleet ...`: JSON on stdout, messages on stderr, non-zero on failure. */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { Configuration } from '#contract/configuration.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { type CommandError, conclude, unexpected } from '../cli/outcome.ts';
import { type FleetOptions, simulateFleet } from './fleet.ts';
import { faultOf } from './report.ts';

interface Given {
  terminals: number;
  cases: number;
  gateway: string;
  enrolCodes: string;
  store?: string;
  over: number;
  flap: boolean;
  startSpread: number;
  idleSeconds: number;
  limit: number;
  seed: number;
  keep: boolean;
  catalogue: string;
}

/** A commander argument parser for numbers within a range, both ends included. */
function numberArgument(least: number, most: number, kind: 'whole' | 'any'): (text: string) => number {
  return (text) => {
    const number = Number(text);
    const fits = number >= least && number <= most && (kind === 'any' || Number.isInteger(number));
    if (text.trim() === '' || !fits) throw new InvalidArgumentError(`give a number from ${least} to ${most}`);
    return number;
  };
}

function gatewayArgument(text: string): string {
  const url = Configuration.shape.gateway.shape.url.safeParse(text);
  if (!url.success) throw new InvalidArgumentError(url.error.issues[0]?.message ?? 'give an address');
  return url.data;
}

/** Milliseconds for a gateway that is away, and an intake that stands still, while both sides are counted. */
const PATIENCE_MS = 30_000;
const CATALOGUE = fileURLToPath(new URL('../../../image/catalogue', import.meta.url));
const CODES = /\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/g;

const program = new Command('fleet').description('many terminals in one process');

program
  .command('simulate')
  .description(
    'have many terminals write cases of invented residents and carry them to a gateway, then count both sides. ' +
      'Terminals and cases stay in the gateway: use one that is for trials, and that nobody else uses meanwhile',
  )
  .requiredOption('--terminals <n>', 'how many', numberArgument(1, 9999, 'whole'))
  .requiredOption('--cases <n>', 'how many each of them writes', numberArgument(1, 100_000, 'whole'))
  .requiredOption('--gateway <url>', 'https, or plain http on loopback', gatewayArgument)
  .requiredOption('--enrol-codes <file>', 'one-time codes, one a line or as `gateway enrol-code` prints them')
  .option('--store <uri>', "the gateway's store, to count in it too; without it the gateway's cursors are asked")
  .option(
    '--over <seconds>',
    'the time over which the cases come while the terminals send; without it all are written before, as after days without a network',
    numberArgument(0, 86_400, 'any'),
    0,
  )
  .option('--flap', "break each terminal's line at random, in the middle of answers too", false)
  .option(
    '--start-spread <seconds>',
    'the time over which first requests are spread, at most --idle-seconds; 0 lets all terminals come at once',
    numberArgument(0, 600, 'any'),
    5,
  )
  .option(
    '--idle-seconds <seconds>',
    'as in terminal.yaml: back-offs are up to 5 times it',
    numberArgument(0.2, 600, 'any'),
    60,
  )
  .option('--limit <seconds>', 'how long to wait for the last answer', numberArgument(1, 86_400, 'any'), 600)
  .option('--seed <n>', 'draws residents, times and breaks', numberArgument(0, 2 ** 32 - 1, 'whole'), 1)
  .option('--keep', 'leave the folders of the terminals where they are', false)
  .addOption(new Option('--catalogue <folder>', 'a catalogue package').default(CATALOGUE, "the repository's own"))
  .action(async (given: Given) => {
    const report = await simulate(given);
    conclude(report);
    const fault = report.ok ? faultOf(report.value) : null;
    if (fault === null) return;
    process.stderr.write(`${fault}\n`);
    process.exitCode = 1;
  });

async function simulate(given: Given): ReturnType<typeof simulateFleet> {
  const enrolCodes = codesIn(given.enrolCodes);
  if (!enrolCodes.ok) return enrolCodes;
  const end = new AbortController();
  process.once('SIGINT', () => end.abort()).once('SIGTERM', () => end.abort());
  const { gateway: url, idleSeconds, limit, over, startSpread, store, ...rest } = given;
  const options: FleetOptions = {
    ...rest,
    gateway: { url, idleSeconds },
    enrolCodes: enrolCodes.value,
    temporary: tmpdir(),
    overMs: over * 1000,
    startSpreadMs: startSpread * 1000,
    limitMs: limit * 1000,
    patienceMs: PATIENCE_MS,
    store: store ?? null,
    signal: end.signal,
  };
  return simulateFleet(options);
}

function codesIn(file: string): Result<string[], CommandError> {
  try {
    return ok([...new Set(readFileSync(file, 'utf8').toUpperCase().match(CODES))]);
  } catch {
    return err({ code: 'input', detail: `${file} can't be read`, remedy: 'give the path of a file with codes' });
  }
}

try {
  await program.parseAsync();
} catch (error) {
  conclude(unexpected(error));
}
