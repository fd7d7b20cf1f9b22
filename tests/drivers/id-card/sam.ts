import { Wire } from '../stand.ts';
import { RESIDENT, reply, textAndPhoto } from './cards.ts';

/** The questions by their CMD and PARA. */
export type Question = 'reset' | 'status' | 'id' | 'find' | 'select' | 'read' | 'address' | 'other';
const QUESTIONS: Readonly<Record<string, Question>> = {
  '10ff': 'reset',
  '11ff': 'status',
  '12ff': 'id',
  '2001': 'find',
  '2002': 'select',
  '3001': 'read',
  '3003': 'address',
};

/** What a healthy reader says with no card on it. */
export const EMPTY: Readonly<Record<Question, Uint8Array>> = {
  reset: reply(0x90),
  status: reply(0x90),
  id: reply(0x90, [5, 0, 3, 0, 0xe3, 0xaf, 0x34, 1, 0x87, 0xd6, 0x12, 0, 0x15, 0xcd, 0x5b, 7]),
  find: reply(0x80),
  select: reply(0x81),
  read: reply(0x41),
  address: reply(0x41),
  other: reply(0x21),
};

/** What it says with a card that was not read yet, and with one that was. */
export const LAID: Readonly<Record<Question, Uint8Array>> = {
  ...EMPTY,
  find: reply(0x9f, [0, 0, 0, 0]),
  select: reply(0x90, new Uint8Array(8)),
  read: reply(0x90, textAndPhoto(RESIDENT)),
  address: reply(0x91),
};
export const READ = { ...LAID, find: reply(0x80) };

/** A scripted reader: each test changes what it says next. */
export class Sam {
  readonly wire = new Wire();
  readonly asked: Question[] = [];
  says: Readonly<Record<Question, Uint8Array>> = EMPTY;
  /** Looks at each question first; an answer, or `silent`, replaces the healthy one. */
  twist: (question: Question, nth: number, baud: number) => Uint8Array | 'silent' | undefined = () => undefined;

  constructor() {
    this.wire.heard = (bytes, baud) => {
      const question = QUESTIONS[Buffer.from(bytes.subarray(7, 9)).toString('hex')] ?? 'other';
      this.asked.push(question);
      const answer = this.twist(question, this.asked.filter((one) => one === question).length, baud);
      if (answer !== 'silent') this.wire.say(answer ?? this.says[question]);
    };
  }

  /** A reader whose card is found until it was read, as the sheet says. */
  lay(): void {
    this.says = LAID;
  }
}
