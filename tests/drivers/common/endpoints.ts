import type { BulkEndpoint, Transfer } from '#drivers/common/bulk.ts';

type Done = Parameters<BulkEndpoint['makeTransfer']>[1];

/** Transfers end so in libusb. */
export const ENDED = { failed: 1, timedOut: 2, cancelled: 3, stall: 4, gone: 5 } as const;

/** An endpoint in memory; what takes bytes takes them at once unless it is told to fail. */
export class Endpoint implements BulkEndpoint {
  readonly address: number;
  readonly direction: 'in' | 'out';
  readonly transferType: number;
  readonly descriptor: { readonly wMaxPacketSize: number };
  readonly taken: string[] = [];
  /** Time-outs asked for. */
  readonly timeouts: number[] = [];
  halts = 0;
  clears: 'well' | 'badly' | 'not at all' = 'well';
  /** Of a device that was unplugged libusb takes nothing back: each transfer ends by itself. */
  unplugged = false;
  /** How the next transfers end, before any goes well. */
  failures: (number | 'refused')[] = [];
  #waiting: { readonly done: Done; readonly buffer: Buffer } | undefined;

  constructor(address: number, { type = 2, packet = 64 } = {}) {
    this.address = address;
    this.direction = address >= 0x80 ? 'in' : 'out';
    this.transferType = type;
    this.descriptor = { wMaxPacketSize: packet };
  }

  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  makeTransfer(timeoutMs: number, done: Done): Transfer {
    this.timeouts.push(timeoutMs);
    return {
      submit: (buffer) => {
        const failure = this.failures.shift();
        if (failure === 'refused') throw new Error('LIBUSB_ERROR_NO_DEVICE');
        this.#waiting = { done, buffer };
        if (failure !== undefined) queueMicrotask(() => this.#end(failure));
        else if (this.direction === 'out') {
          this.taken.push(buffer.toString('hex'));
          queueMicrotask(() => this.#end(undefined, buffer.length));
        }
      },
      cancel: () => {
        setImmediate(() => this.#end(this.unplugged ? ENDED.gone : ENDED.cancelled));
        if (this.unplugged) throw new Error('LIBUSB_ERROR_NO_DEVICE');
        return true;
      },
    };
  }

  clearHalt(done: (error?: Error) => void): void {
    this.halts += 1;
    if (this.clears === 'not at all') throw new Error('LIBUSB_ERROR_NO_DEVICE');
    setImmediate(() => done(this.clears === 'well' ? undefined : new Error('LIBUSB_ERROR_NOT_FOUND')));
  }

  /** The device sends a packet, or ends the transfer that waits for one. */
  give(packet: Uint8Array): void {
    this.#waiting?.buffer.set(packet);
    this.#end(undefined, packet.length);
  }

  fail(errno: number): void {
    this.#end(errno);
  }

  #end(errno: number | undefined, count = 0): void {
    const ended = this.#waiting;
    this.#waiting = undefined;
    ended?.done(errno === undefined ? undefined : { errno }, ended.buffer, count);
  }
}
