import type { PrintOutcome } from '#contract/devices.ts';
import type { Timers } from '../common/port.ts';
import { pause } from '../common/wait.ts';
import { condition, recoversItself } from './condition.ts';
import type { PrinterLine } from './line.ts';
import { type Flag, TIMING } from './protocol.ts';

/** What stands behind the print data, so that its answer says that the data was printed. */
export interface Confirmation {
  /** Four printable characters, another for each job. */
  readonly id: string;
  /** Whether the printer was heard to answer process ids: then an answer that names no job counts for nothing. */
  readonly onlyId: boolean;
}

/** How a job went, and whether the printer was heard to answer a process id. */
export interface JobEnd {
  readonly outcome: PrintOutcome;
  readonly namedId: boolean;
}

/** What a job needs of its printer. */
export interface Printing {
  readonly line: PrinterLine;
  readonly timers: Timers;
  /** The printer answered nothing before the job. */
  readonly mute: boolean;
  /** Told what the printer says of itself when it is asked during the job. */
  readonly seen: (flags: ReadonlySet<Flag>) => void;
}

/** Sends a job to a printer that is ready and waits for the answer from behind it. */
export async function runJob(
  { line, timers, mute, seen }: Printing,
  data: Uint8Array,
  { id, onlyId }: Confirmation,
  abort: AbortSignal,
): Promise<JobEnd> {
  const over = new AbortController();
  let namedId = false;
  const { promise, resolve } = Promise.withResolvers<PrintOutcome>();
  const settle = (outcome: PrintOutcome) => {
    resolve(outcome);
    over.abort();
  };
  const unknown = (why: string) => settle({ outcome: 'unknown', why });
  const noticed = async (flags: ReadonlySet<Flag>) => {
    if (recoversItself(flags)) {
      cool();
      return;
    }
    const now = condition(flags);
    if (now.state !== 'blocked') return;
    await pause(timers, TIMING.graceMs, over.signal);
    settle({ outcome: 'failed', problem: now.problem, why: 'the printer stopped while it printed' });
  };
  const off = line.on((heard) => {
    if (heard.is === 'process') {
      namedId = true;
      if (heard.id === id) settle({ outcome: 'confirmed' });
    } else if (heard.is === 'paper' && heard.settled && !onlyId) settle({ outcome: 'confirmed' });
    else if (heard.is === 'automatic') void noticed(heard.flags);
    else if (heard.is === 'closed') unknown('the connection ended before the printer confirmed the job');
  });
  const aborted = () => unknown('stopped while the printer was printing');
  abort.addEventListener('abort', aborted);
  const allowed = (mute ? TIMING.muteJobMs : TIMING.jobMs) + data.length * TIMING.byteMs;
  const limit = (ms: number) => timers.after(ms, () => unknown('the printer did not confirm the job'));
  let cancel = limit(allowed);
  let cooling = false;
  const cool = () => {
    if (cooling) return;
    cooling = true;
    cancel();
    cancel = limit(allowed + TIMING.coolMs);
  };
  try {
    line.write(data);
    line.askBehind(id);
    while (!over.signal.aborted) {
      await pause(timers, TIMING.printingMs, over.signal);
      const flags = over.signal.aborted || mute ? undefined : await line.flags(TIMING.statusMs);
      if (!flags) continue;
      seen(flags);
      await noticed(flags);
    }
    return { outcome: await promise, namedId };
  } finally {
    off();
    cancel();
    abort.removeEventListener('abort', aborted);
  }
}
