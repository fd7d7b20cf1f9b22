import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { type Link, openPort } from '../port.ts';

/** A barcode and QR scanner on a serial line or behind TCP; it sends what it scans and hears nothing. */
export interface Scanner {
  readonly connection: string;
  readonly plugged: boolean;
  /** Hosts that are connected; on a pseudo-terminal always one while it is plugged in. */
  readonly hosts: number;
  /** Sends one scan with the suffix, a text as UTF-8; returns when its last byte was handed to the port. */
  scan(payload: string | Uint8Array): Promise<void>;
  readonly faults: ScannerFaults;
  unplug(): Promise<void>;
  plug(): Promise<void>;
  close(): Promise<void>;
}

interface ScannerFaults {
  /** Every scan comes byte by byte, with so many milliseconds between two; 0 ends it. */
  slowBytes(ms: number): void;
  /** The next scan ends in its middle, and the scanner is unplugged. */
  tearNext(): void;
  /** The next scan comes to nothing, or every one until told otherwise. */
  loseScans(scans: 'next' | 'every' | 'none'): void;
}

export interface ScannerOptions {
  readonly transport: 'tcp' | 'pty';
  readonly suffix: '\r' | '\n' | '\r\n' | '';
  /** TCP only; 0 or nothing takes a free one. */
  readonly port?: number;
  /** Called when a host has come or gone. */
  readonly onChange?: () => void;
}

/** Long enough for bytes to be on their way, and no silence that would end a scan. */
const TEAR_MS = 20;

/** Starts a scanner and returns when it can be reached. */
export async function startScanner(options: ScannerOptions): Promise<Scanner> {
  const { onChange = () => undefined, suffix } = options;
  const links = new Set<Link>();
  let slowMs = 0;
  let tears = false;
  let loses: 'next' | 'every' | 'none' = 'none';

  const port = await openPort({
    transport: options.transport,
    port: options.port,
    baud: 9_600,
    open: (link) => {
      links.add(link);
      onChange();
      return {
        receive: () => undefined,
        end: () => {
          links.delete(link);
          onChange();
        },
      };
    },
  });

  function send(bytes: Uint8Array): void {
    for (const link of links) link.write(bytes);
  }

  async function sendSlowly(bytes: Uint8Array): Promise<void> {
    for (const byte of bytes) {
      send(Uint8Array.of(byte));
      await pause(slowMs);
    }
  }

  async function tear(bytes: Uint8Array): Promise<void> {
    tears = false;
    send(bytes.subarray(0, Math.ceil(bytes.length / 2)));
    await pause(TEAR_MS);
    // A host in this very process reads its bytes before they are reset, however late the timer is.
    await nextTurn();
    await port.unplug();
  }

  const { connection, unplug, plug, close } = port;
  return {
    connection,
    get plugged() {
      return port.plugged();
    },
    get hosts() {
      return links.size;
    },
    scan: async (payload) => {
      const bytes = Buffer.concat([Buffer.from(payload), Buffer.from(suffix)]);
      if (loses !== 'none') {
        if (loses === 'next') loses = 'none';
        return;
      }
      if (tears) await tear(bytes);
      else if (slowMs > 0) await sendSlowly(bytes);
      else send(bytes);
    },
    faults: {
      slowBytes: (ms) => {
        slowMs = ms;
      },
      tearNext: () => {
        tears = true;
      },
      loseScans: (scans) => {
        loses = scans;
      },
    },
    unplug,
    plug,
    close,
  };
}
