import type { Timers } from '../common/port.ts';
import { type Ask, refusal } from './client.ts';
import { isCups } from './condition.ts';
import { type IppAnswer, jobsOf, numberOf, wordsOf } from './ipp.ts';
import { LIST_ATTRIBUTES, LIST_LIMIT, PRINTER_ATTRIBUTES, PRINTER_STATE, STATUS, TIMING, USER } from './protocol.ts';

const user = { 'requesting-user-name': USER };
const { answerMs } = TIMING;

/**
 * Cancels what an earlier life of this driver left unfinished in the printer, so that nobody gets a stranger's paper (R25), and
 * has CUPS, which keeps them for a day, remove the files of what has ended. It must not be called while a job of ours is under way.
 * @param said what the printer said of itself just before.
 * @returns what was found, for the log: it is gone when the next call finds nothing.
 */
export async function takeBack(ask: Ask, said: IppAnswer, signal: AbortSignal): Promise<string | undefined> {
  const unfinished = await cancelOurs(ask, { 'which-jobs': 'not-completed' }, {}, signal);
  if (unfinished !== undefined || !isCups(said)) return unfinished;
  if (isBusy(said)) return 'the queue is busy';
  return cancelOurs(ask, { 'which-jobs': 'completed' }, { 'purge-job': true }, signal);
}

/**
 * Has CUPS remove the files of a job that has ended. It waits for CUPS' back end: a purge kills it before it has cancelled the
 * job at the printer behind the queue, and the paper still comes.
 * @returns why the files may still be there, for the log.
 */
export async function forget(ask: Ask, timers: Timers, number: number): Promise<string | undefined> {
  for (let waited = 0; ; waited += TIMING.followMs) {
    const attributes = { 'requested-attributes': PRINTER_ATTRIBUTES };
    const said = await ask('Get-Printer-Attributes', attributes, { timeoutMs: answerMs });
    if (said.ok && !isBusy(said.value)) break;
    if (!said.ok || waited >= TIMING.stopMs) return `the files of job ${number} wait`;
    await new Promise<void>((done) => timers.after(TIMING.followMs, done));
  }
  const gone = await ask('Cancel-Job', { 'job-id': number, ...user, 'purge-job': true }, { timeoutMs: answerMs });
  const why = gone.ok && gone.value.status === STATUS.notFound ? undefined : refusal(gone);
  return why && `the files of job ${number} were not removed (${why})`;
}

function isBusy(said: IppAnswer): boolean {
  return numberOf(said, 'printer-state') === PRINTER_STATE.processing;
}

async function cancelOurs(
  ask: Ask,
  which: { readonly 'which-jobs': 'not-completed' | 'completed' },
  how: { readonly 'purge-job'?: true },
  signal: AbortSignal,
): Promise<string | undefined> {
  const query = { ...user, ...which, 'my-jobs': true, limit: LIST_LIMIT, 'requested-attributes': LIST_ATTRIBUTES };
  const listed = await ask('Get-Jobs', query, { timeoutMs: answerMs, signal });
  if (listed.ok && listed.value.status === STATUS.operationNotSupported) return undefined;
  const why = refusal(listed);
  if (!listed.ok || why !== undefined) return `which jobs are in the printer is not known (${why})`;
  const found: string[] = [];
  for (const number of ourNumbers(listed.value)) {
    const gone = await ask('Cancel-Job', { 'job-id': number, ...user, ...how }, { timeoutMs: answerMs, signal });
    found.push(`${number} (${refusal(gone) ?? 'taken back'})`);
  }
  return found.length === 0 ? undefined : `jobs in the printer: ${found.join(', ')}`;
}

/** Some printers list everybody's jobs although they are asked for ours. */
function ourNumbers(listed: IppAnswer): number[] {
  return jobsOf(listed)
    .filter((job) => wordsOf(job, 'job-originating-user-name').includes(USER))
    .flatMap((job) => numberOf(job, 'job-id') ?? []);
}
