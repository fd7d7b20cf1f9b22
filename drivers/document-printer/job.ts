import type { PrintOutcome } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { Timers } from '../common/port.ts';
import { failed, STOPPED } from '../common/print-queue.ts';
import { pause } from '../common/wait.ts';
import type { Ask } from './client.ts';
import { condition, isUnreached, OFFLINE } from './condition.ts';
import { type IppAnswer, numberOf, wordsOf } from './ipp.ts';
import type { PrintDocument } from './port.ts';
import {
  FIRST_ERROR,
  JOB_ATTRIBUTES,
  JOB_STATE,
  MEDIA,
  PDF,
  PRINTER_ATTRIBUTES,
  STATUS,
  TIMING,
  TWO_SIDED,
  USER,
  WITH_ERRORS,
} from './protocol.ts';

type Condition = ReturnType<typeof condition>;

/** What a job needs of its printer. */
export interface Printing {
  readonly ask: Ask;
  readonly timers: Timers;
  /** The printer prints on both sides by itself. */
  readonly bothSides: boolean;
  /** Told what the printer itself says while the job runs. */
  readonly seen: (condition: Condition) => void;
}

const { answerMs } = TIMING;
const unknown = (why: string): PrintOutcome => ({ outcome: 'unknown', why });

/** How a job ended, and its number at the printer where it was given one. */
export interface Ran {
  readonly outcome: PrintOutcome;
  readonly number?: number;
}

/** Sends a document as a job and follows it to its end, with the job and the printer as two witnesses. */
export async function runJob(printing: Printing, document: PrintDocument, signal: AbortSignal): Promise<Ran> {
  const sent = await submit(printing, document, signal);
  if (!sent.ok) return { outcome: sent.error };
  return { outcome: await follow(printing, sent.value, signal), number: sent.value };
}

/** Makes the job first and sends its document then, so that its number is known from the start; the number. */
async function submit(
  { ask, timers, bothSides: can }: Printing,
  { pdf, name, copies = 1, bothSides = false }: PrintDocument,
  signal: AbortSignal,
): Promise<Result<number, PrintOutcome>> {
  const user = { 'requesting-user-name': USER };
  const job = { media: MEDIA, sides: bothSides && can ? TWO_SIDED : 'one-sided', copies };
  const document = { document: pdf, timeoutMs: TIMING.uploadMs };
  const format = { 'document-format': PDF };
  const create = () => ask('Create-Job', { ...user, 'job-name': name }, { job, timeoutMs: answerMs });
  let made = await create();
  for (
    let waited = 0;
    made.ok && made.value.status === STATUS.busy && waited < TIMING.busyMs;
    waited += TIMING.followMs
  ) {
    await pause(timers, TIMING.followMs, signal);
    if (signal.aborted) return err(STOPPED);
    made = await create();
  }
  if (!made.ok) return err(failed('away', `the printer did not take the job (${made.error.detail})`));
  if (made.value.status === STATUS.operationNotSupported) {
    const whole = await ask('Print-Job', { ...user, 'job-name': name, ...format }, { job, ...document });
    if (!whole.ok) return err(unknown(`the printer did not say whether it took the job (${whole.error.detail})`));
    return numbered(whole.value);
  }
  const number = numbered(made.value);
  if (!number.ok) return number;
  const jobId = { 'job-id': number.value };
  const drop = () => ask('Cancel-Job', { ...jobId, ...user }, { timeoutMs: answerMs });
  if (signal.aborted) {
    await drop();
    return err(STOPPED);
  }
  const sent = await ask(
    'Send-Document',
    { ...jobId, ...user, ...format, 'last-document': true },
    { ...document, signal },
  );
  if (sent.ok && sent.value.status >= FIRST_ERROR) {
    await drop();
    return err(refused(sent.value.status));
  }
  // When the answer was lost the job itself tells how it went.
  return number;
}

function numbered(answer: IppAnswer): Result<number, PrintOutcome> {
  const number = numberOf(answer, 'job-id');
  return answer.status < FIRST_ERROR && number !== undefined ? ok(number) : err(refused(answer.status));
}

function refused(status: number): PrintOutcome {
  const why = `the printer refused the job (status ${status.toString(16).padStart(4, '0')})`;
  return failed(status === STATUS.notAcceptingJobs || status === STATUS.busy ? 'paused' : 'fault', why);
}

async function follow(printing: Printing, job: number, signal: AbortSignal): Promise<PrintOutcome> {
  const { ask, timers, seen } = printing;
  let begun = false;
  const waited = { stuck: 0, away: 0, silent: 0, whole: 0 };
  for (;;) {
    const said = await ask('Get-Job-Attributes', jobQuery(job), { timeoutMs: answerMs });
    const answer = await printerSays(printing);
    if (said.ok && (said.value.status === STATUS.notFound || said.value.status === STATUS.gone)) {
      return unknown('the printer no longer knows the job');
    }
    const state = said.ok ? numberOf(said.value, 'job-state') : undefined;
    const step = TIMING.followMs + (said.ok ? 0 : answerMs);
    const silent = state === JOB_STATE.processing && answer !== undefined && isUnreached(answer);
    waited.silent = silent ? waited.silent + step : 0;
    const now = answer && conditionOf(answer, waited.silent);
    if (now) seen(now);
    const end = ended(state, said.ok ? wordsOf(said.value, 'job-state-reasons') : [], now);
    if (end) return end;
    begun ||= state === JOB_STATE.processing || state === JOB_STATE.stopped;
    const waits = now?.state === 'blocked' || now?.state === 'away';
    const stuck = state === JOB_STATE.stopped || state === JOB_STATE.held || waits;
    waited.stuck = stuck ? waited.stuck + step : 0;
    waited.away = state === undefined ? waited.away + step : 0;
    waited.whole += step;
    if (waited.away >= TIMING.awayMs) return unknown('the printer went away before it had finished the job');
    if (signal.aborted || waited.stuck >= TIMING.stuckMs || waited.whole >= TIMING.longestMs) {
      return cancel(printing, job, begun, now);
    }
    await pause(timers, TIMING.followMs, signal);
  }
}

function jobQuery(job: number) {
  return { 'job-id': job, 'requesting-user-name': USER, 'requested-attributes': JOB_ATTRIBUTES };
}

async function printerSays({ ask }: Printing): Promise<IppAnswer | undefined> {
  const said = await ask(
    'Get-Printer-Attributes',
    { 'requested-attributes': PRINTER_ATTRIBUTES },
    { timeoutMs: answerMs },
  );
  return said.ok && said.value.status < FIRST_ERROR ? said.value : undefined;
}

/** @param silentMs for how long the queue has not reached its printer. */
function conditionOf(answer: IppAnswer, silentMs: number): Condition {
  const now = condition(answer);
  return now.state === 'ready' && silentMs >= TIMING.silentMs ? OFFLINE : now;
}

function ended(
  state: number | undefined,
  reasons: readonly string[],
  now: Condition | undefined,
): PrintOutcome | undefined {
  const why = reasons.join(', ');
  if (state === JOB_STATE.completed) return completed(reasons);
  if (state === JOB_STATE.aborted) return failed(problemOf(now), `the printer gave the job up (${why})`);
  if (state === JOB_STATE.cancelled) {
    return failed(problemOf(now, 'paused'), `the job was cancelled at the printer (${why})`);
  }
  return undefined;
}

/** A job that ended with errors may have left pages out: whoever waits for it must look. */
function completed(reasons: readonly string[]): PrintOutcome {
  const whole = !reasons.includes(WITH_ERRORS);
  return whole ? { outcome: 'confirmed' } : unknown('the printer completed the job with errors');
}

function problemOf(now: Condition | undefined, otherwise: 'fault' | 'paused' = 'fault') {
  return now?.state === 'blocked' ? now.problem : otherwise;
}

/** Takes a job back that is stuck or no longer wanted. Of one that had begun, nobody can say how much was printed. */
async function cancel(
  printing: Printing,
  job: number,
  begun: boolean,
  now: Condition | undefined,
): Promise<PrintOutcome> {
  const attributes = { 'job-id': job, 'requesting-user-name': USER };
  const taken = await printing.ask('Cancel-Job', attributes, { timeoutMs: answerMs });
  const last = await printing.ask('Get-Job-Attributes', jobQuery(job), { timeoutMs: answerMs });
  if (last.ok && numberOf(last.value, 'job-state') === JOB_STATE.completed) {
    return completed(wordsOf(last.value, 'job-state-reasons'));
  }
  if (!taken.ok || taken.value.status >= FIRST_ERROR) return unknown('the job could not be cancelled');
  if (now?.state === 'blocked') return failed(now.problem, 'the printer could not go on; the job was cancelled');
  if (now?.state === 'away') {
    const why = 'the printer’s queue did not reach it; the job was cancelled';
    return begun ? unknown(why) : failed('away', why);
  }
  return begun ? unknown('cancelled while the printer was printing') : STOPPED;
}
