import type { Concealer } from '../common/traffic.ts';
import { AnswerDecoder } from './answers.ts';
import { FORMS } from './protocol.ts';

/** What stands for a byte of a picture or of a code, and for one that nothing is known of. */
const FILLERS = { data: 0x00, other: 0x2a } as const;
/** The first byte that is text; those below are commands, and so is the last of ASCII. */
const TEXT = 0x20;
const DELETE = 0x7f;

/**
 * Replaces what goes to a printer of a receipt itself, byte for byte; commands, their parameters and all lengths stay. Each byte is
 * judged by those before it alone, so that a write may begin and end anywhere. Behind a command that the table does not have, no
 * byte of the same write is shown. A printer's answers tell of nobody; what is none is `garbled`.
 */
export class ReceiptConcealer implements Concealer {
  readonly #answers: (Uint8Array | 'garbled')[] = [];
  readonly #decoder = new AnswerDecoder((said) => {
    if (said !== 'garbled') this.#answers.push(Uint8Array.from(said));
    else if (this.#answers.at(-1) !== 'garbled') this.#answers.push('garbled');
  });
  readonly #text = new TextFiller();
  /** Bytes of a command that is not complete. */
  #command: readonly number[] = [];
  /** Bytes of the receipt that the last command has announced. */
  #data = 0;

  give(bytes: Uint8Array): Uint8Array {
    let lost = false;
    return bytes.map((byte) => {
      const shown = lost ? undefined : this.#shown(byte);
      lost = shown === undefined;
      return shown ?? FILLERS.other;
    });
  }

  take(bytes: Uint8Array): (Uint8Array | 'garbled')[] {
    this.#decoder.push(bytes);
    return this.#answers.splice(0);
  }

  /** What is shown for a byte; undefined for one that no command of the table has there. */
  #shown(byte: number): number | undefined {
    if (this.#data > 0) {
      this.#data -= 1;
      return FILLERS.data;
    }
    if (this.#command.length === 0 && byte >= TEXT && byte !== DELETE) return this.#text.fill(byte);
    this.#text.end();
    const command = [...this.#command, byte];
    const possible = FORMS.filter(({ bytes }) => command.every((each, at) => fits(bytes[at], each)));
    const whole = possible.find(({ bytes }) => bytes.length === command.length);
    this.#command = whole || possible.length === 0 ? [] : command;
    this.#data = whole?.data?.(command) ?? 0;
    return possible.length === 0 ? undefined : byte;
  }
}

function fits(place: (typeof FORMS)[number]['bytes'][number] | undefined, byte: number): boolean {
  if (typeof place !== 'object') return place === byte;
  return byte >= place[0] && byte <= place[1];
}

/** Bytes of GB 18030 by where they may stand: lead 81..FE; behind it 40..FE, or a digit, a lead and a digit. */
const isLead = (byte: number) => byte >= 0x81 && byte <= 0xfe;
const isTrail = (byte: number) => byte >= 0x40 && byte <= 0xfe;
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;

/**
 * Writes 某 for a character of two bytes, X for a letter, 0 for a digit, * for a mark; blanks stay, since they are the layout. One of
 * four bytes has the same lead as 某: a write may end behind it.
 */
class TextFiller {
  /** What the next byte stands behind. */
  #behind: 'nothing' | 'lead' | 'digit' | 'second lead' = 'nothing';

  end(): void {
    this.#behind = 'nothing';
  }

  fill(byte: number): number {
    const behind = this.#behind;
    this.#behind = 'nothing';
    if (behind === 'digit' && isLead(byte)) {
      this.#behind = 'second lead';
      return 0x81;
    }
    if (behind === 'lead' && isDigit(byte)) this.#behind = 'digit';
    else if ((behind === 'lead' || behind === 'second lead') && isTrail(byte)) return 0xb3;
    else if (isLead(byte)) {
      this.#behind = 'lead';
      return 0xc4;
    }
    if (byte === 0x20) return byte;
    if (isDigit(byte)) return 0x30;
    return isTrail(byte) ? 0x58 : FILLERS.other;
  }
}
