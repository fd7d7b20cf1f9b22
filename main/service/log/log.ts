import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import roll from 'pino-roll';

/** JSON lines of one schema: `{time, level, component, event, ...}`; never personal data (R23). */
export type Log = Logger;

/** The parts of the service that write lines. */
export type Component =
  | 'service'
  | 'configuration'
  | 'store'
  | 'journal'
  | 'sync'
  | 'identity'
  | 'visit'
  | 'print'
  | 'documents'
  | 'devices'
  | 'speech'
  | 'staff';

/** A file is closed each day and at 4 MB; 400 of them are kept: six months need 184 at one a day (R23), and never more than 1.6 GB. */
const ROLL = { frequency: 'daily', size: '4m', count: 400 } as const;

/**
 * A second net only: callers log no personal data, and these names are struck out should one slip through, at the top of a line
 * and one level down.
 */
const PERSONAL = [
  'name',
  'englishName',
  'chineseName',
  'number',
  'passNumber',
  'birth',
  'address',
  'phone',
  'card',
  'answers',
  'signature',
  'pin',
  'values',
  'input',
];

interface OpenLog {
  readonly log: Log;
  /** Waits for the last line. */
  readonly close: () => Promise<void>;
}

/** Opens the log in `folder` (0700, files 0600), or on stderr where the folder can't be used: a terminal serves without its log. */
export async function openLog(folder: string): Promise<OpenLog> {
  try {
    return await openFiles(folder);
  } catch (error) {
    const log = logTo(neverThrowing(process.stderr));
    const { code } = error as NodeJS.ErrnoException;
    forComponent(log, 'service').error({ event: 'log.not-opened', folder, code });
    return { log, close: async () => undefined };
  }
}

async function openFiles(folder: string): Promise<OpenLog> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stream = await roll({
    file: join(folder, 'service.jsonl'),
    frequency: ROLL.frequency,
    size: ROLL.size,
    dateFormat: 'yyyy-MM-dd',
    limit: { count: ROLL.count, removeOtherLogFiles: true },

    mode: 0o600,
    // A service that is killed must leave its last words.
    sync: true,
  });
  const close = () =>
    new Promise<void>((resolve) => {
      stream.once('close', resolve);
      // The last lines found no room.
      stream.once('error', resolve);
      stream.end();
    });
  return { log: logTo(neverThrowing(stream)), close };
}

/**
 * While the stream takes nothing (a full disk), the line that failed waits in it, and those that follow are dropped and counted; the
 * count is written as soon as there is room. Nothing but `write` is handed on: after a fatal line pino would call `flushSync`,
 * which waits for room for ever.
 */
function neverThrowing(
  stream: DestinationStream & { on(event: 'error', run: () => void): unknown },
): DestinationStream {
  const notice = forComponent(logTo(stream), 'service');
  let errors = 0;
  let failing = false;
  let lost = 0;
  stream.on('error', () => {
    errors += 1;
  });
  const takes = (text: string): boolean => {
    const before = errors;
    try {
      stream.write(text);
    } catch {
      return false;
    }
    return errors === before;
  };
  return {
    write(line) {
      // Nothing new, only what waits.
      if (failing && !takes('')) {
        lost += 1;
        return;
      }
      if (lost > 0) notice.warn({ event: 'log.lost', lines: lost });
      lost = 0;
      failing = !takes(line);
    },
  };
}

/** A log that writes to any stream; `component` is set by {@link forComponent}. */
export function logTo(stream: DestinationStream): Log {
  return pino(
    {
      base: null,
      messageKey: 'detail',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: PERSONAL.flatMap((name) => [name, `*.${name}`]), censor: '[personal data]' },
    },
    stream,
  );
}

/** A log that goes nowhere, for commands that print their own answer. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}

export function forComponent(log: Log, component: Component): Log {
  return log.child({ component });
}
