import { nobody } from './wire.ts';

/** Bulk endpoints of a USB device, in the order of their addresses. */
export interface BulkDevice {
  /** How many endpoints take bytes; at least one. */
  readonly outs: number;
  /** Pieces for the endpoints that take bytes, counted from 0: each goes when the one before it has gone. */
  write(...pieces: readonly BulkPiece[]): void;
  /** One listener; it hears from which of the endpoints the bytes came. They are overwritten when it returns. */
  onData(listener: (bytes: Uint8Array, from: number) => void): void;
  /** One listener, told once when the device is gone, or takes or gives nothing that makes sense. */
  onClose(listener: () => void): void;
  close(): Promise<void>;
}

export interface BulkPiece {
  readonly to: number;
  readonly bytes: Uint8Array;
}

/** An endpoint as the package `usb` has it. */
export interface BulkEndpoint {
  /** Of one interface; bit 7 is set for those that give bytes. */
  readonly address: number;
  readonly direction: 'in' | 'out';
  readonly transferType: number;
  readonly descriptor: { readonly wMaxPacketSize: number };
  makeTransfer(timeoutMs: number, done: Transferred): Transfer;
  clearHalt(done: (error?: Error) => void): void;
}

export interface Transfer {
  submit(buffer: Buffer): unknown;
  /** Throws when the device is gone. */
  cancel(): boolean;
}

type Transferred = (error: { readonly errno: number } | undefined, buffer: Buffer, actual: number) => void;

/** How a transfer ended (libusb.h, libusb_transfer_status). */
const STATUS = { completed: 0, failed: 1, stall: 4 } as const;

/** A reader that takes none of a question's few bytes for so many milliseconds has hung; an answer may take any time. */
const WRITE_MS = 1_000;
const UNLIMITED = 0;

/** An endpoint that halts so often in a row will go on with it. */
const HALTS_MOST = 3;

/** @param release lets go of the device; called once, when no transfer is under way. */
export function bulkOf(
  outs: readonly BulkEndpoint[],
  ins: readonly BulkEndpoint[],
  release: () => Promise<void>,
): BulkDevice {
  return new Bulk(outs, ins, release);
}

class Bulk implements BulkDevice {
  readonly #outs: readonly BulkEndpoint[];
  readonly #release: () => Promise<void>;
  readonly #reading: Promise<unknown>;
  readonly #under = new Set<Transfer>();
  #writing = Promise.resolve();
  #ended = false;
  #closed: Promise<void> | undefined;
  #hear: (bytes: Uint8Array, from: number) => void = nobody;
  #tellEnd: () => void = nobody;

  constructor(outs: readonly BulkEndpoint[], ins: readonly BulkEndpoint[], release: () => Promise<void>) {
    this.#outs = outs;
    this.#release = release;
    this.#reading = Promise.all(ins.map((endpoint, from) => this.#read(endpoint, from)));
  }

  get outs(): number {
    return this.#outs.length;
  }

  write(...pieces: readonly BulkPiece[]): void {
    this.#writing = this.#writing.then(() => this.#writeAll(pieces));
  }

  onData(listener: (bytes: Uint8Array, from: number) => void): void {
    this.#hear = listener;
  }

  onClose(listener: () => void): void {
    this.#tellEnd = listener;
    if (this.#ended) listener();
  }

  close(): Promise<void> {
    this.#end();
    this.#closed ??= Promise.all([this.#reading, this.#writing]).then(this.#release);
    return this.#closed;
  }

  async #writeAll(pieces: readonly BulkPiece[]): Promise<void> {
    for (const { to, bytes } of pieces) {
      const endpoint = this.#outs[to];
      if (endpoint) await this.#move(endpoint, Buffer.from(bytes), WRITE_MS);
    }
  }

  /** One packet at a time: a reader needs not say where an answer ends, as it would have to for a longer transfer. */
  async #read(endpoint: BulkEndpoint, from: number): Promise<void> {
    const buffer = Buffer.alloc(endpoint.descriptor.wMaxPacketSize);
    while (!this.#ended) {
      const count = await this.#move(endpoint, buffer, UNLIMITED);
      if (count > 0 && !this.#ended) this.#hear(buffer.subarray(0, count), from);
      buffer.fill(0);
    }
  }

  /** Bytes that went or came; a halt is cleared, anything else that fails is the end. */
  async #move(endpoint: BulkEndpoint, buffer: Buffer, timeoutMs: number): Promise<number> {
    for (let halts = 0; halts < HALTS_MOST && !this.#ended; halts += 1) {
      const { status, count } = await this.#transfer(endpoint, buffer, timeoutMs);
      if (status === STATUS.completed) return count;
      if (status !== STATUS.stall || !(await cleared(endpoint))) break;
    }
    // Not waited for: it waits for this transfer itself.
    void this.close();
    return 0;
  }

  #transfer(endpoint: BulkEndpoint, buffer: Buffer, timeoutMs: number): Promise<{ status: number; count: number }> {
    return new Promise((done) => {
      const transfer = endpoint.makeTransfer(timeoutMs, (error, _buffer, count) => {
        this.#under.delete(transfer);
        done({ status: error?.errno ?? STATUS.completed, count });
      });
      this.#under.add(transfer);
      try {
        transfer.submit(buffer);
      } catch {
        this.#under.delete(transfer);
        done({ status: STATUS.failed, count: 0 });
      }
    });
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const transfer of this.#under) cancel(transfer);
    this.#tellEnd();
  }
}

/** Of a device that was unplugged none can be taken back; each comes back by itself. */
function cancel(transfer: Transfer): void {
  try {
    transfer.cancel();
  } catch {
    // It is on its way back.
  }
}

function cleared(endpoint: BulkEndpoint): Promise<boolean> {
  return new Promise((done) => {
    try {
      endpoint.clearHalt((error) => done(!error));
    } catch {
      done(false);
    }
  });
}
