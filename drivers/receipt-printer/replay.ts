import { systemTimers, type Timers } from '../common/port.ts';
import { connectionOf, type ReplayedPrinter, replayed, type TrafficLine } from '../common/traffic.ts';
import { EscPosPrinter } from './device.ts';
import { ANSWERS, COMMANDS, jobNumber } from './protocol.ts';

/** What the driver itself sends before the first job of a connection, and behind each. */
const BEFORE = hexOf([...COMMANDS.initialise, ...COMMANDS.cut]);
const BEHIND = hexOf(COMMANDS.processId(''));
const ID_BYTES = ANSWERS.process.idBytes;
const CLEAR = hexOf(COMMANDS.clear);

/** A printer as a recording has it, for who looks into a trouble afterwards. */
export function replayReceiptPrinter(lines: readonly TrafficLine[], timers: Timers = systemTimers()): ReplayedPrinter {
  const sent = lines.flatMap((line) => (line.is === 'to-device' ? line.hex : []));
  const id = sent.find((hex) => hex.startsWith(BEHIND))?.slice(BEHIND.length, BEHIND.length + 2 * ID_BYTES);
  const printer = new EscPosPrinter(replayed(lines, timers), {
    connection: connectionOf(lines),
    paperMm: 80,
    looksOnly: !sent.includes(CLEAR),
    timers,
    ...(id && { firstJob: jobNumber(Buffer.from(id, 'hex').toString('latin1')) }),
  });
  return { printer, jobs: jobsOf(sent).map((job) => (signal) => printer.printBytes(job, signal)) };
}

/** A job is what stands before its name. */
function jobsOf(sent: readonly string[]): Uint8Array[] {
  return sent
    .filter((_, at) => sent[at + 1]?.startsWith(BEHIND))
    .map((hex) => Buffer.from(hex.startsWith(BEFORE) ? hex.slice(BEFORE.length) : hex, 'hex'));
}

function hexOf(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString('hex');
}
