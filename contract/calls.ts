import { z } from 'zod';
import { ZoneFormat } from './person.ts';
import { TerminalSnapshot } from './terminal.ts';
import { Language } from './text.ts';
import { Display, VisitSnapshot } from './visit.ts';

/** A pen stroke: x and y in thousandths of the pad's width, time in ms since the first touch; flat, three numbers a point. */
const Stroke = z
  .array(z.int().min(0).max(600_000))
  .min(3)
  .max(3 * 2000);

/** A signature drawn with a finger; empty pads are refused. */
export const Signature = z.strictObject({
  /** Height of the pad in thousandths of its width. */
  height: z.int().min(100).max(1000),
  strokes: z.array(Stroke).min(1).max(200),
});
export type Signature = z.infer<typeof Signature>;

/** Characters that are spoken in one go at most. */
export const SPOKEN_MOST = 200;

/** Bytes of the longest sound: some minutes, and well below what the line between screen and service carries. */
export const SOUND_MOST_BYTES = 4_000_000;

const none = z.strictObject({});

/**
 * Every call that a screen may make, with the shape of its input. What a call changes comes back in the next snapshot; the
 * answer only says whether it was taken (spec: the renderer pulls nothing).
 */
export const calls = {
  /** Asks for both snapshots, at the screen's start. */
  'screen.ready': none,
  'visit.begin': z.strictObject({ display: Display.partial() }),
  'visit.display': Display.partial(),
  /** Letters stay as they are: the offer of larger ones is answered. */
  'visit.keepLetters': none,
  'visit.extend': none,
  /** Somebody is there: writing and signing make no other call. It is no request for more time, which is counted (R28). */
  'visit.touch': none,
  /** The alert that covers the screen was read. */
  'visit.readAlert': z.strictObject({ alert: z.uuid() }),
  'visit.back': none,
  /** Ends and wipes, from any screen. */
  'visit.end': none,
  'visit.chooseItem': z.strictObject({ item: z.string().max(64) }),
  'visit.start': none,
  'visit.consent': none,
  'visit.refuseConsent': none,
  /** Answers of the form's step on the screen, which is named so that a double touch never answers the next one. */
  'visit.answer': z.strictObject({
    step: z.int().min(1).max(100),
    values: z.record(z.string().max(64), z.string().max(200)),
  }),
  /** Goes back to the form step that holds a question, from the check page. */
  'visit.edit': none,
  'visit.submit': z.strictObject({ signature: Signature }),
  /** A certificate is wanted now: a worker is called. */
  'visit.callWorker': none,
  /** No worker now: the acceptance notice prints and the certificate is collected later. */
  'visit.collectLater': none,
  'visit.rate': z.strictObject({ level: z.int().min(1).max(5), reasons: z.array(z.string().regex(/^\d{3}$/)).max(8) }),
  'visit.skipRating': none,
  'visit.another': none,
  'visit.leave': none,
  /** Turns words into sound while this resident is read to; a `speech` event of the same number brings it. The words before are given up. */
  'speech.say': z.strictObject({ id: z.int(), language: Language, words: z.string().min(1).max(SPOKEN_MOST) }),
  'help.call': none,
  'worker.arrive': none,
  'worker.signIn': z.strictObject({ pin: z.string().regex(/^\d{4,12}$/) }),
  'worker.confirm': z.strictObject({ seen: z.array(z.string().max(64)).max(20) }),
  'worker.refuse': none,
  'worker.leave': none,
  /** One key of the keyboard on which a worker types a machine-readable zone; `mistake` goes behind the first character that is wrong. */
  'worker.typeZone': z.strictObject({
    key: z.union([z.enum(['erase', 'clear', 'left', 'right', 'mistake']), z.string().regex(/^[A-Z0-9<]$/)]),
  }),
  'worker.zoneFormat': z.strictObject({ format: ZoneFormat }),
  /** From a right zone to its values, and back to it. */
  'worker.readZone': none,
  'worker.editZone': none,
  /** The worker saw the original, and the person is the one in it. */
  'worker.identify': z.strictObject({ sawOriginal: z.literal(true) }),
  /** Prints a job again that failed or whose outcome is unknown: an explicit, audited act. */
  'print.again': z.strictObject({ job: z.string().max(64) }),
} as const satisfies Record<string, z.ZodType>;

export type CallName = keyof typeof calls;
export type CallInput<N extends CallName> = z.input<(typeof calls)[N]>;

export function isCallName(name: unknown): name is CallName {
  return typeof name === 'string' && Object.hasOwn(calls, name);
}

/** Why a call was not taken. */
export const CallError = z.strictObject({
  code: z.enum(['not-now', 'invalid', 'unknown-call', 'out-of-service', 'failed']),
});
export type CallError = z.infer<typeof CallError>;

export const CallAnswer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), error: CallError }),
]);
export type CallAnswer = z.infer<typeof CallAnswer>;

/** What is pushed to the screen. `wiped` follows the end of a visit: the shell then lays a fresh page (R25). */
export const ScreenEvent = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('terminal'), terminal: TerminalSnapshot }),
  z.strictObject({ event: z.literal('visit'), visit: VisitSnapshot }),
  z.strictObject({ event: z.literal('sound'), sound: z.enum(['attention', 'warning', 'left-behind', 'alert']) }),
  /** What was to be said, as a WAV file in base64; null where no sound could be made, and the screen shows the words alone. */
  z.strictObject({ event: z.literal('speech'), id: z.int(), sound: z.base64().nullable() }),
  z.strictObject({ event: z.literal('wiped') }),
]);
export type ScreenEvent = z.infer<typeof ScreenEvent>;

/** Messages between shell and service, as JSON, one a line. */
export const ToService = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call'), id: z.int(), name: z.string(), input: z.unknown() }),
  z.strictObject({ type: z.literal('stop') }),
]);
export type ToService = z.infer<typeof ToService>;

export const FromService = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('answer'), id: z.int(), answer: CallAnswer }),
  z.strictObject({ type: z.literal('event'), event: ScreenEvent }),
  /** Sent once a second; the shell lets go of a service that has been silent for ten. */
  z.strictObject({ type: z.literal('alive') }),
]);
export type FromService = z.infer<typeof FromService>;

/** What the preload script puts on `window.yichuang`, and all that the page can reach. */
export interface Bridge {
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallAnswer>;
  /** @returns a function that ends the subscription. */
  subscribe(listener: (event: ScreenEvent) => void): () => void;
  /** The page has drawn itself; until then the one before it stays on the screen. */
  drawn(): void;
  /** Physical size of the picture, for the design in millimetres. */
  readonly screen: { readonly widthMm: number; readonly heightMm: number };
  /** `true` when the runtime is not the pinned Electron: the screen says that it is not for terminals. */
  readonly developmentRuntime: boolean;
}
