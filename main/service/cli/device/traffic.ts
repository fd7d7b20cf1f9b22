import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Connection } from '#contract/connection.ts';
import { err, type Result } from '#contract/result.ts';
import { openIdCardReader, readTraffic, replayIdCardReader } from '#drivers/index.ts';
import type { CommandError } from '../outcome.ts';
import { type ReadCard, readOn } from './read-card.ts';

/** Reads a card and writes down what went over the wire meanwhile, with nobody's data in it; the card is shown masked. */
export async function recordReader(o: {
  connection: Connection;
  output: string;
  timeout: number;
}): Promise<Result<ReadCard, CommandError>> {
  // A recording that is there already may be the only one of its kind.
  const file = openSync(o.output, 'wx', 0o600);
  try {
    const record = (line: object) => writeSync(file, `${JSON.stringify(line)}\n`);
    return await readOn(openIdCardReader({ connection: o.connection, record }), { timeout: o.timeout, reveal: false });
  } finally {
    closeSync(file);
  }
}

/** What the driver makes of a recording. */
export async function replayReader(o: { input: string; timeout: number }): Promise<Result<ReadCard, CommandError>> {
  const lines = readTraffic(readFileSync(o.input, 'utf8'));
  if (!lines.ok) {
    const detail = `line ${lines.error.line} of ${o.input} is none of a recording`;
    return err({ code: 'input', detail, remedy: 'give a file that `device record` wrote' });
  }
  return readOn(replayIdCardReader(lines.value), { timeout: o.timeout, reveal: false });
}
