import iconv from 'iconv-lite';
import type { Scan } from '#contract/devices.ts';
import { FORMS, SCAN_MAX, SUFFIXES } from './protocol.ts';

/**
 * Cuts a stream of bytes into the texts of scans. Its memory is bounded: a scan of more than {@link SCAN_MAX} bytes is dropped
 * whole, up to its end. Scans without a text, and bytes that are none in either encoding, are passed over.
 */
export class ScanDecoder {
  readonly #buffer = new Uint8Array(SCAN_MAX);
  #length = 0;
  #dropping = false;

  /** Whether a scan has begun and has not ended. */
  get within(): boolean {
    return this.#length > 0 || this.#dropping;
  }

  push(bytes: Uint8Array): string[] {
    const payloads: string[] = [];
    for (const byte of bytes) {
      if (!SUFFIXES.has(byte)) {
        this.#take(byte);
        continue;
      }
      const payload = this.flush();
      if (payload !== undefined) payloads.push(payload);
    }
    return payloads;
  }

  /** Ends the scan that has begun, if one has. */
  flush(): string | undefined {
    const text = textOf(this.#buffer.subarray(0, this.#length));
    this.clear();
    return text;
  }

  /** Drops the scan that has begun, up to its end. */
  drop(): void {
    const { within } = this;
    this.clear();
    this.#dropping = within;
  }

  /** Forgets what is held; the bytes may be personal data and are overwritten. */
  clear(): void {
    this.#buffer.fill(0, 0, this.#length);
    this.#length = 0;
    this.#dropping = false;
  }

  #take(byte: number): void {
    if (this.#length === SCAN_MAX) this.drop();
    if (this.#dropping) return;
    this.#buffer[this.#length] = byte;
    this.#length += 1;
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
