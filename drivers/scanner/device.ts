import type { Scan, ScannerState } from '#contract/devices.ts';
import type { Result } from '#contract/result.ts';
import { Sensitive } from '#contract/sensitive.ts';
import { keep, type Life, type Trouble } from '../common/life.ts';
import { pluggedAt } from '../common/plug.ts';
import { systemTimers, type Timers } from '../common/port.ts';
import { Watched } from '../common/watched.ts';
import { nobody, type Source } from '../common/wire.ts';
import { type ScanDecoder, scanOf } from './payload.ts';
import type { Scanner, ScannerOptions } from './port.ts';
import { TIMING } from './protocol.ts';

const CLOSED: Trouble = { why: 'port-closed', remedy: 'check the power and the cable of the scanner' };

/** How a scanner is plugged in: what opens it, and what makes texts of what it sends. */
export interface Way {
  readonly open: () => Promise<Result<Source, Trouble>>;
  readonly decoder: ScanDecoder;
}

/** The scanner's life, however it is plugged in: it is listened to as long as its port is open, and nothing is ever sent to it. */
export class CodeScanner implements Scanner, Life<Source, Trouble> {
  readonly #way: Way;
  readonly #decoder: ScanDecoder;
  readonly #timers: Timers;
  readonly #watched: Watched<ScannerState>;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<(scan: Sensitive<Scan>) => void>();
  readonly #life: Promise<void>;
  #stopSilence: () => void = nobody;
  /** The port ended before anything showed that a scanner is there. */
  #doubted = false;

  constructor(way: Way, options: ScannerOptions) {
    this.#way = way;
    this.#decoder = way.decoder;
    this.#timers = options.timers ?? systemTimers();
    const first = { state: 'away', why: 'connecting', remedy: 'wait a moment' } as const;
    this.#watched = new Watched<ScannerState>('scanner', first, options.log);
    this.#life = keep(this, this.#timers, this.#closing.signal, pluggedAt(options.connection));
  }

  get state(): ScannerState {
    return this.#watched.state;
  }

  onState(listener: (state: ScannerState) => void): () => void {
    return this.#watched.on(listener);
  }

  onScan(listener: (scan: Sensitive<Scan>) => void): () => void {
    // What is coming in was begun for somebody else.
    if (this.#listeners.size === 0) this.#decoder.drop();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#life;
  }

  open(): Promise<Result<Source, Trouble>> {
    return this.#way.open();
  }

  async serve(source: Source, signal: AbortSignal, works: () => void): Promise<Trouble> {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    let open = true;
    const end = () => {
      open = false;
      this.#forget();
      resolve();
    };
    let there = false;
    const isThere = () => {
      if (there) return;
      there = true;
      cancel();
      works();
      this.#watched.set({ state: 'ready' });
    };
    const cancel = this.#timers.after(TIMING.steadyMs, isThere);
    source.onData((bytes) => {
      if (!open) return;
      isThere();
      this.#hear(bytes);
    });
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    // One whose port ends again and again is not shown as ready each time.
    else if (!this.#doubted) this.#watched.set({ state: 'ready' });
    source.onClose(end);
    await ended;
    cancel();
    this.#doubted = !there;
    signal.removeEventListener('abort', end);
    await source.close();
    return CLOSED;
  }

  lost({ why, remedy, detail }: Trouble): void {
    this.#watched.set({ state: 'away', why, remedy }, detail);
  }

  #hear(bytes: Uint8Array): void {
    this.#stopSilence();
    this.#tell(this.#decoder.push(bytes));
    if (this.#decoder.within) this.#awaitSilence();
  }

  /** In two steps: when the process was busy, a timer runs before the bytes that came in the meantime are read. */
  #awaitSilence(): void {
    this.#stopSilence = this.#timers.after(TIMING.silenceMs, () => {
      this.#stopSilence = this.#timers.after(TIMING.graceMs, () => {
        const payload = this.#decoder.flush();
        if (payload !== undefined) this.#tell([payload]);
      });
    });
  }

  #tell(payloads: readonly string[]): void {
    // Who begins to listen because of one scan has not seen the next one begin, and who stops hears no more.
    const present = [...this.#listeners];
    for (const payload of payloads) {
      for (const listener of present) {
        if (this.#listeners.has(listener)) listener(new Sensitive(scanOf(payload)));
      }
    }
  }

  #forget(): void {
    this.#stopSilence();
    this.#decoder.clear();
  }
}
