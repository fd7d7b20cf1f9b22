import { unreachable } from '#contract/result.ts';

/** A step at which the reader can be made to fail. */
export type Step = 'reset' | 'status' | 'id' | 'find' | 'select' | 'read' | 'address';

/** SW3 values of the sheet by their meaning. */
export const Sw3 = {
  ok: 0x90,
  cardFound: 0x9f,
  wrongChecksum: 0x10,
  wrongLength: 0x11,
  badCommand: 0x21,
  notPermitted: 0x23,
  unrecognised: 0x24,
  cardRejectedSam: 0x31,
  samRejectedCard: 0x32,
  verificationFailed: 0x33,
  wrongCardType: 0x40,
  readFailed: 0x41,
  getRandomFailed: 0x47,
  selfTestFailed: 0x60,
  samNotAuthorised: 0x66,
  noCard: 0x80,
  selectFailed: 0x81,
  noContent: 0x91,
} as const;

/** A status that a fault puts in place of the right one. */
export type Status = readonly [sw1: number, sw2: number, sw3: number];

/** How a reader misbehaves. Faults of the "next" kind wear off by themselves; the others stay until `clear`. */
export class ReaderFaults {
  readonly #failing = new Map<Step, Status>();
  readonly #failingAlways = new Map<Step, Status>();
  #silent = 0;
  #damage: 'none' | 'checksum' | 'length' | 'truncated' = 'none';
  #noise: Uint8Array = new Uint8Array();
  #delay = 0;
  #singleBytes = false;
  #liftDuringRead = false;
  #selfTestFails = false;

  /** The next command of this step answers with `sw3`. */
  failNext(step: Step, sw3: number, sw1 = 0, sw2 = 0): void {
    this.#failing.set(step, [sw1, sw2, sw3]);
  }

  /** Every command of this step answers with `sw3`. */
  failEvery(step: Step, sw3: number, sw1 = 0, sw2 = 0): void {
    this.#failingAlways.set(step, [sw1, sw2, sw3]);
  }

  /** The next `30 01` or `30 10` answers with `sw3`; the card must be found again afterwards. */
  failNextRead(sw3: number, sw1 = 0, sw2 = 0): void {
    this.failNext('read', sw3, sw1, sw2);
  }

  /** The next reply carries a wrong checksum. */
  corruptNextChecksum(): void {
    this.#damage = 'checksum';
  }

  /** The next reply's LEN counts one byte too few; its checksum is right for that LEN. */
  wrongLengthNext(): void {
    this.#damage = 'length';
  }

  /** The next reply ends in its middle. */
  truncateNext(): void {
    this.#damage = 'truncated';
  }

  /** The next `requests` requests get no answer at all. */
  silentFor(requests: number): void {
    this.#silent = requests;
  }

  /** Every reply comes with these bytes in front. */
  noiseBeforeFrames(bytes: Uint8Array): void {
    this.#noise = bytes;
  }

  /** Every reply comes byte by byte. */
  singleBytes(on: boolean): void {
    this.#singleBytes = on;
  }

  /** Every reply comes this much later, in milliseconds. */
  delayMs(milliseconds: number): void {
    this.#delay = milliseconds;
  }

  /** The card is lifted while the next read runs. */
  liftDuringRead(): void {
    this.#liftDuringRead = true;
  }

  /** The SAM answers 60 to everything but a reset and its status question. */
  selfTestFails(on: boolean): void {
    this.#selfTestFails = on;
  }

  clear(): void {
    this.#failing.clear();
    this.#failingAlways.clear();
    this.#silent = 0;
    this.#damage = 'none';
    this.#noise = new Uint8Array();
    this.#delay = 0;
    this.#singleBytes = false;
    this.#liftDuringRead = false;
    this.#selfTestFails = false;
  }

  /** Reader's side: true when this request is to be passed over in silence. */
  takeSilence(): boolean {
    if (this.#silent === 0) return false;
    this.#silent -= 1;
    return true;
  }

  /** Reader's side: the status that a fault puts on this step. */
  takeFailure(step: Step): Status | null {
    const status = this.#failing.get(step) ?? this.#failingAlways.get(step) ?? null;
    this.#failing.delete(step);
    return status;
  }

  /** Reader's side: true when the card leaves during this read. */
  takeLift(): boolean {
    const lifts = this.#liftDuringRead;
    this.#liftDuringRead = false;
    return lifts;
  }

  get samIsDead(): boolean {
    return this.#selfTestFails;
  }

  /** Reader's side: the pieces in which a reply goes out, and how long it is held back. */
  dress(frame: Buffer): { readonly pieces: readonly Uint8Array[]; readonly afterMs: number } {
    const bytes = Buffer.concat([this.#noise, this.#damaged(frame)]);
    const pieces = this.#singleBytes ? Array.from(bytes, (byte) => Uint8Array.of(byte)) : [bytes];
    return { pieces, afterMs: this.#delay };
  }

  #damaged(frame: Buffer): Buffer {
    const damage = this.#damage;
    this.#damage = 'none';
    const copy = Buffer.from(frame);
    const last = copy.length - 1;
    switch (damage) {
      case 'none':
        return copy;
      case 'checksum':
        copy.writeUInt8(copy.readUInt8(last) ^ 0xff, last);
        return copy;
      case 'length': {
        const before = copy.readUInt16BE(5);
        copy.writeUInt16BE(before - 1, 5);
        const change = (before >> 8) ^ (before & 0xff) ^ ((before - 1) >> 8) ^ ((before - 1) & 0xff);
        copy.writeUInt8(copy.readUInt8(last) ^ change, last);
        return copy;
      }
      case 'truncated':
        return copy.subarray(0, Math.ceil(copy.length / 2));
      default:
        return unreachable(damage);
    }
  }
}
