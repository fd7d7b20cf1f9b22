const HIDDEN = '[personal data]';

/**
 * Personal data that does not print, log or serialise by accident: `String`, JSON and Node's inspector show a fixed word.
 * The value is reached only through {@link Sensitive.reveal}, and {@link Sensitive.wipe} lets go of it.
 */
export class Sensitive<T> {
  #value: T | undefined;
  #wiped = false;

  constructor(value: T) {
    this.#value = value;
  }

  /** @throws Error when the value was wiped. */
  reveal(): T {
    if (this.#wiped) throw new Error('personal data was asked for after it had been wiped');
    return this.#value as T;
  }

  /** Overwrites bytes in place and drops the reference; the visit's end calls it (R25). */
  wipe(): void {
    if (this.#value instanceof Uint8Array) this.#value.fill(0);
    this.#value = undefined;
    this.#wiped = true;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN;
  }
}
