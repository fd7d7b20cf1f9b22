import { isDeepStrictEqual } from 'node:util';
import { err, ok } from '#contract/result.ts';
import { systemTimers, type Timers } from '../common/port.ts';
import { begin, type Recordable, type ReplayedPrinter, type TrafficLine } from '../common/traffic.ts';
import type { Ask } from './client.ts';
import { concealed, concealedSent, revealed } from './conceal.ts';
import { IppPrinter } from './device.ts';
import { TWO_SIDED } from './protocol.ts';

type Question = Extract<TrafficLine, { is: 'answered' | 'unanswered' }>;

/** A printer's client of which each question is told with its answer, without names and documents. */
export function recordedAsk(ask: Ask, tell: NonNullable<Recordable['record']>): Ask {
  const now = begin('document-printer', tell);
  return async (...asked) => {
    const began = now();
    const said = await ask(...asked);
    const ended = now();
    const question = { ...toldOf(asked), ms: ended, tookMs: ended - began };
    if (said.ok) {
      const { status, groups } = concealed(said.value);
      const listed = groups.map(({ tag, attributes }) => ({ tag, attributes: Object.fromEntries(attributes) }));
      tell({ is: 'answered', ...question, status, groups: listed });
    } else tell({ is: 'unanswered', ...question, detail: said.error.detail });
    return said;
  };
}

function toldOf([operation, attributes, { job, document }]: Parameters<Ask>) {
  return { operation, sent: { ...concealedSent(attributes), ...job }, documentBytes: document?.length ?? 0 };
}

/**
 * Answers each question as a recording has it answered, after the same time and once; one that was not recorded is met with silence.
 */
export function replayedAsk(lines: readonly TrafficLine[], timers: Timers): Ask {
  let at = 0;
  return (...asked) => {
    const told = toldOf(asked);
    const { timeoutMs, signal } = asked[2];
    const found = lines.findIndex((line, i) => i >= at && isQuestion(line) && isSame(line, told));
    const line = lines[found];
    if (found >= 0) at = found + 1;
    const answer = answerOf(line);
    return new Promise((done) => {
      const end = (said: Awaited<ReturnType<Ask>>) => {
        cancel();
        signal?.removeEventListener('abort', abort);
        done(said);
      };
      const abort = () => end(err({ detail: 'stopped' }));
      const cancel = timers.after(line && isQuestion(line) ? line.tookMs : timeoutMs, () => end(answer));
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort);
    });
  };
}

function isQuestion(line: TrafficLine): line is Question {
  return line.is === 'answered' || line.is === 'unanswered';
}

function isSame({ operation, sent, documentBytes }: Question, told: object): boolean {
  return isDeepStrictEqual({ operation, sent, documentBytes }, told);
}

function answerOf(line: TrafficLine | undefined): Awaited<ReturnType<Ask>> {
  if (line?.is !== 'answered') return err({ detail: line?.is === 'unanswered' ? line.detail : 'no answer' });
  const groups = line.groups.map(({ tag, attributes }) => ({ tag, attributes: new Map(Object.entries(attributes)) }));
  return ok(revealed({ status: line.status, groups }));
}

/** A printer as a recording has it, for who looks into a trouble afterwards. */
export function replayDocumentPrinter(lines: readonly TrafficLine[], timers: Timers = systemTimers()): ReplayedPrinter {
  const questions = lines.filter(isQuestion);
  const printer = new IppPrinter(replayedAsk(lines, timers), {
    connection: { by: 'ipp', url: 'ipp://recording/' },
    looksOnly: !questions.some(({ operation }) => operation === 'Get-Jobs'),
    timers,
  });
  return { printer, jobs: jobsOf(questions).map((job) => (signal) => printer.print({ ...job, signal })) };
}

/** A job begins with its first Create-Job; a printer that is busy is asked again. Of its document there is the length alone. */
function jobsOf(questions: readonly Question[]) {
  const creates = questions.map(({ operation }) => operation === 'Create-Job');
  const begins = questions.flatMap((_, at) => (creates[at] && !creates[at - 1] ? at : []));
  return begins.map((from, i) => {
    const { copies, sides } = questions[from]?.sent ?? {};
    const sent = questions.slice(from, begins[i + 1]).find(({ documentBytes }) => documentBytes > 0);
    return {
      pdf: new Uint8Array(sent?.documentBytes ?? 0),
      name: 'recording',
      copies: Number(copies ?? 1),
      bothSides: sides === TWO_SIDED,
    };
  });
}
