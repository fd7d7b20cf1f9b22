import type { Connection } from '#contract/connection.ts';
import type { Connect } from '../common/wire.ts';
import type { Way } from './device.ts';
import { Payload, type ScanDecoder } from './payload.ts';
import { DEFAULT_BAUD, SUFFIXES } from './protocol.ts';

/** A scanner on a serial line or behind TCP. */
export function onLine(connect: Connect, connection: Connection): Way {
  const baud = connection.by === 'serial' && connection.baud !== 'auto' ? connection.baud : DEFAULT_BAUD;
  return { open: () => connect(baud), decoder: new LineDecoder() };
}

/** Scans on a serial line or over TCP: text up to a suffix or a silence. */
export class LineDecoder implements ScanDecoder {
  readonly #payload = new Payload();

  get within(): boolean {
    return this.#payload.within;
  }

  push(bytes: Uint8Array): string[] {
    const texts: string[] = [];
    for (const byte of bytes) {
      if (!SUFFIXES.has(byte)) {
        this.#payload.add(byte);
        continue;
      }
      const text = this.flush();
      if (text !== undefined) texts.push(text);
    }
    return texts;
  }

  flush(): string | undefined {
    return this.#payload.end();
  }

  drop(): void {
    this.#payload.drop();
  }

  clear(): void {
    this.#payload.clear();
  }
}
