import { Payload, type ScanDecoder } from './payload.ts';
import { COMPOSING_KEYS, CONTROL_KEYS, END_KEYS, INPUT_EVENT, KEYS, PACE, SHIFT_KEYS } from './protocol.ts';

/**
 * Scans that are typed, from the kernel's events of keys: characters at a scanner's pace and a key that ends them. What comes slower was
 * typed by a person and is dropped, and so is a scan of which the kernel lost events. The pace is judged by the events' own times; a
 * silence drops a scan up to its end, so that one which was held up on its way is never told in part.
 */
export class KeyDecoder implements ScanDecoder {
  readonly #payload = new Payload();
  readonly #event = new DataView(new ArrayBuffer(INPUT_EVENT.bytes));
  #filled = 0;
  /** When the last key was pressed or let go, or lost. */
  #lastMs = Number.NEGATIVE_INFINITY;
  /** Those of the shift, control and composing keys that are held. */
  readonly #held = new Set<number>();

  get within(): boolean {
    return this.#payload.within || this.#filled > 0;
  }

  push(bytes: Uint8Array): string[] {
    const texts: string[] = [];
    for (const byte of bytes) {
      this.#event.setUint8(this.#filled, byte);
      this.#filled += 1;
      if (this.#filled < INPUT_EVENT.bytes) continue;
      this.#filled = 0;
      const text = this.#hear();
      if (text !== undefined) texts.push(text);
    }
    return texts;
  }

  flush(): undefined {
    // The kernel hands out whole events: a part of one that waits was never one.
    this.#filled = 0;
    this.drop();
  }

  drop(): void {
    this.#payload.drop();
  }

  clear(): void {
    this.#payload.clear();
    for (let at = 0; at < INPUT_EVENT.bytes; at += 1) this.#event.setUint8(at, 0);
    this.#filled = 0;
    this.#lastMs = Number.NEGATIVE_INFINITY;
    this.#held.clear();
  }

  #hear(): string | undefined {
    const { at, type, dropped, press } = INPUT_EVENT;
    const code = this.#event.getUint16(at.code, true);
    switch (this.#event.getUint16(at.type, true)) {
      case type.synchronisation:
        if (code === dropped) this.#lose();
        return undefined;
      case type.key:
        this.#keepPace();
        if (this.#event.getInt32(at.value, true) === press) return this.#press(code);
        // A repeated key is held; only one that is let go is forgotten.
        if (this.#event.getInt32(at.value, true) === 0) this.#held.delete(code);
        return undefined;
      default:
        return undefined;
    }
  }

  get #nowMs(): number {
    const { at } = INPUT_EVENT;
    const seconds = Number(this.#event.getBigUint64(at.seconds, true));
    return seconds * 1_000 + Number(this.#event.getBigUint64(at.microseconds, true)) / 1_000;
  }

  #keepPace(): void {
    const nowMs = this.#nowMs;
    const gapMs = nowMs - this.#lastMs;
    // A clock that was set back tells no pace.
    if (gapMs < 0 || gapMs > PACE.gapMs) this.#payload.clear();
    this.#lastMs = nowMs;
  }

  #press(code: number): string | undefined {
    if (END_KEYS.has(code)) return this.#end();
    if (SHIFT_KEYS.has(code) || CONTROL_KEYS.has(code) || COMPOSING_KEYS.has(code)) {
      this.#held.add(code);
      return undefined;
    }
    if (this.#holds(COMPOSING_KEYS)) {
      this.#payload.spoil();
      return undefined;
    }
    const key = KEYS.get(code);
    if (key && !this.#holds(CONTROL_KEYS)) this.#payload.add(key[this.#holds(SHIFT_KEYS) ? 1 : 0]);
    return undefined;
  }

  #end(): string | undefined {
    if (this.#payload.length >= PACE.least) return this.#payload.end();
    this.#payload.clear();
    return undefined;
  }

  #holds(keys: ReadonlySet<number>): boolean {
    return Array.from(keys).some((key) => this.#held.has(key));
  }

  /** Nobody knows which keys went, and which are held now. The word on it comes at the time of the last of them: what goes on from there is dropped. */
  #lose(): void {
    this.#lastMs = this.#nowMs;
    this.#held.clear();
    this.#payload.spoil();
  }
}
