import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { err, ok, type Result } from '#contract/result.ts';
import type { Trouble } from './life.ts';
import { nobody, type Transport } from './wire.ts';

/** Milliseconds. The kernel's file can't be waited for from Node: it is looked at again, and offered bytes again, after these. */
const TIMING = { lookMs: 50, offerMs: 10 } as const;
const READ_BYTES = 1_024;

/** Opens the kernel's file of a printer of the USB printer class (`/dev/usb/lp0`), both ways. */
export async function openUsbPrinter(path: string): Promise<Result<Transport, Trouble>> {
  try {
    const file = await open(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
    return ok(new UsbPrinter(file));
  } catch (error) {
    return err(usbPrinterTrouble(path, codeOf(error)));
  }
}

/** What keeps the file from being opened, by the system's code. */
export function usbPrinterTrouble(path: string, detail: string): Trouble {
  switch (detail) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return { why: 'port-missing', remedy: `plug in the cable of ${path} and switch the printer on`, detail };
    case 'EACCES':
    case 'EPERM': {
      const rule = 'SUBSYSTEM=="usbmisc", KERNEL=="lp*", GROUP="lp", MODE="0660"';
      const remedy = `let the service's user open ${path}: add it to the group lp, or a udev rule ${rule}`;
      return { why: 'port-denied', remedy, detail };
    }
    case 'EBUSY':
      return { why: 'port-busy', remedy: `end the other program that holds ${path}`, detail };
    default:
      return { why: 'port-failed', remedy: `check the cable and the name of ${path}`, detail };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'failed';
}

/** A printer that holds paper back keeps its bytes waiting; one that was unplugged fails every call. */
class UsbPrinter implements Transport {
  readonly #file: FileHandle;
  readonly #reading: Promise<void>;
  #writing = Promise.resolve();
  #ended = false;
  #closed: Promise<void> | undefined;
  #hear: (bytes: Uint8Array) => void = nobody;
  #tellEnd: () => void = nobody;

  constructor(file: FileHandle) {
    this.#file = file;
    this.#reading = this.#read();
  }

  write(bytes: Uint8Array): void {
    this.#writing = this.#writing.then(() => this.#writeAll(bytes));
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#hear = listener;
  }

  onClose(listener: () => void): void {
    this.#tellEnd = listener;
    if (this.#ended) listener();
  }

  close(): Promise<void> {
    this.#end();
    this.#closed ??= Promise.all([this.#reading, this.#writing]).then(() => this.#file.close().catch(() => undefined));
    return this.#closed;
  }

  async #read(): Promise<void> {
    const buffer = Buffer.alloc(READ_BYTES);
    while (!this.#ended) {
      const count = await this.#tried(() => this.#file.read(buffer).then(({ bytesRead }) => bytesRead));
      if (count > 0 && !this.#ended) this.#hear(Uint8Array.from(buffer.subarray(0, count)));
      if (count === 0) await pause(TIMING.lookMs);
    }
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#ended; ) {
      const rest = bytes.subarray(at);
      const count = await this.#tried(() => this.#file.write(rest).then(({ bytesWritten }) => bytesWritten));
      at += count;
      if (count === 0) await pause(TIMING.offerMs);
    }
  }

  /** Bytes that went; none when the printer has or takes none now, or is gone. */
  async #tried(run: () => Promise<number>): Promise<number> {
    if (this.#ended) return 0;
    try {
      return await run();
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') this.#end();
      return 0;
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#tellEnd();
  }
}
