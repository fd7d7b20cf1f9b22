import { ANSWERS, AUTOMATIC_BITS, type Flag, flagsOf } from './protocol.ts';

/** What a printer says: the answer to `10 04 n`, an automatic status, or an answer in the order of the print data. */
export type Answer =
  | { readonly is: 'real-time'; readonly byte: number }
  | { readonly is: 'automatic'; readonly flags: ReadonlySet<Flag> }
  | { readonly is: 'paper'; readonly byte: number }
  | { readonly is: 'process'; readonly id: string }
  /** The buffers are empty. */
  | { readonly is: 'cleared' };

const { realTime, automatic, plain, paper, process, cleared } = ANSWERS;
const fits = (byte: number, { mask, value }: { mask: number; value: number }) => (byte & mask) === value;
const PROCESS_BYTES = process.head.length + process.idBytes + 1;

/**
 * Tells the answers in a printer's stream apart by their fixed bits. An answer that breaks off is dropped, and the byte that
 * broke it begins the next one. Holds at most seven bytes.
 */
export class AnswerDecoder {
  readonly #tell: (bytes: readonly number[] | 'garbled') => void;
  #held: number[] = [];

  /** @param tell hears the bytes of each answer, and of what is none that there was something. */
  constructor(tell: (bytes: readonly number[] | 'garbled') => void = () => undefined) {
    this.#tell = tell;
  }

  push(bytes: Uint8Array): Answer[] {
    const answers: Answer[] = [];
    for (const byte of bytes) this.#take(byte, answers);
    return answers;
  }

  #take(byte: number, answers: Answer[]): void {
    // A real-time status is sent ahead of everything, also into the middle of another answer; no name of a job looks like one.
    if (fits(byte, realTime)) {
      answers.push({ is: 'real-time', byte });
      this.#tell([byte]);
      return;
    }
    const held = [...this.#held, byte];
    if (held.length > 1 && !continues(held)) {
      this.#held = [];
      this.#tell('garbled');
      this.#take(byte, answers);
      return;
    }
    const answer = complete(held);
    const goesOn = !answer && begins(held[0] ?? 0);
    if (answer) answers.push(answer);
    if (!goesOn) this.#tell(answer ? held : 'garbled');
    this.#held = goesOn ? held : [];
  }
}

function begins(first: number): boolean {
  return first === process.head[0] || fits(first, automatic);
}

function continues(held: readonly number[]): boolean {
  const last = held.at(-1) ?? 0;
  if (held[0] !== process.head[0]) return fits(last, plain);
  if (held[1] === cleared[1]) return held.every((byte, at) => byte === cleared[at]);
  if (held.length === process.head.length) return last === process.head[1];
  return held.length === PROCESS_BYTES ? last === process.end : process.letters.includes(String.fromCharCode(last));
}

function complete(held: readonly number[]): Answer | undefined {
  const [first = 0] = held;
  if (held.length === 1 && fits(first, paper)) return { is: 'paper', byte: first };
  if (fits(first, automatic) && held.length === AUTOMATIC_BITS.length) {
    return { is: 'automatic', flags: new Set(AUTOMATIC_BITS.flatMap((bits, i) => flagsOf(bits, held[i] ?? 0))) };
  }
  if (held[1] === cleared[1] && held.length === cleared.length && first === cleared[0]) return { is: 'cleared' };
  if (first === process.head[0] && held.length === PROCESS_BYTES) {
    return { is: 'process', id: String.fromCharCode(...held.slice(process.head.length, -1)) };
  }
  return undefined;
}
