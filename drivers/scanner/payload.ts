import iconv from 'iconv-lite';
import type { Scan } from '#contract/devices.ts';
import { FORMS, SCAN_MAX } from './protocol.ts';

/** Cuts what a scanner sends into the texts of scans; what it holds is bounded. */
export interface ScanDecoder {
  /** Whether a scan has begun and has not ended. */
  readonly within: boolean;
  /** @param bytes as they came from the scanner at once. */
  push(bytes: Uint8Array): string[];
  /** Hears that nothing more comes. @returns the scan that this ends, where a silence ends one; elsewhere it is dropped up to its end. */
  flush(): string | undefined;
  /** Drops the scan that has begun, up to its end. */
  drop(): void;
  /** Forgets everything, as if nothing had come. */
  clear(): void;
}

/**
 * The bytes of one scan. One of more than {@link SCAN_MAX} bytes is dropped whole, up to its end. A scan without a text, and bytes that are
 * none in either encoding, have no text.
 */
export class Payload {
  readonly #bytes = new Uint8Array(SCAN_MAX);
  #length = 0;
  #dropping = false;

  get length(): number {
    return this.#length;
  }

  get within(): boolean {
    return this.#length > 0 || this.#dropping;
  }

  add(byte: number): void {
    if (this.#length === SCAN_MAX) this.spoil();
    if (this.#dropping) return;
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  /** Ends the scan. */
  end(): string | undefined {
    const text = textOf(this.#bytes.subarray(0, this.#length));
    this.clear();
    return text;
  }

  /** Drops what there is of a scan and what will come, up to its end. */
  spoil(): void {
    this.clear();
    this.#dropping = true;
  }

  /** As {@link spoil}, when one has begun. */
  drop(): void {
    if (this.within) this.spoil();
  }

  /** Forgets what is held; the bytes may be personal data and are overwritten. */
  clear(): void {
    this.#bytes.fill(0, 0, this.#length);
    this.#length = 0;
    this.#dropping = false;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Uint8Array): string | undefined {
  const text = decode(bytes)?.replaceAll(/\p{Cc}/gu, '');
  return text === '' ? undefined : text;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    const text = iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 'gb18030').toWellFormed();
    return text.includes('\u{fffd}') ? undefined : text;
  }
}

/** What a scan's text is: a number or a code of our own papers, or any text. */
export function scanOf(payload: string): Scan {
  if (FORMS.receipt.test(payload)) return { kind: 'receipt', number: payload };
  if (FORMS.document.test(payload)) return { kind: 'document', code: payload };
  return { kind: 'text', text: payload };
}
