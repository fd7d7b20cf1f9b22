import type {
  IdCard,
  PrinterState,
  PrintOutcome,
  ReaderState,
  Receipt,
  Scan,
  ScannerState,
} from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { Sensitive } from '#contract/sensitive.ts';
import type {
  Device,
  DocumentPrinter,
  IdCardReader,
  PrintDocument,
  ReadError,
  ReceiptPrinter,
  Scanner,
} from '#drivers/index.ts';

class Watched<State> implements Device<State> {
  #state: State;
  readonly #listeners = new Set<(state: State) => void>();

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  set state(state: State) {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  onState(listener: (state: State) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}

/** A reader in memory that keeps the driver's promises: one look at a time, and a read card must be lifted before the next. */
export class ScriptedReader extends Watched<ReaderState> implements IdCardReader {
  #card: IdCard | null = null;
  #read = false;
  #look: { give: (result: Result<Sensitive<IdCard>, ReadError>) => void } | null = null;
  #photo = false;
  /** The vendor's program, at work on the photograph of the card that was read last; there is none unless a test names one. */
  decoder: (() => ReturnType<IdCardReader['photo']>) | null = null;

  constructor() {
    super({ state: 'ready' });
  }

  get decodesPhotos(): boolean {
    return this.decoder !== null;
  }

  lay(card: IdCard): void {
    this.#card = structuredClone(card);
    this.#read = false;
    this.#offer();
  }

  lift(): void {
    this.#card = null;
    this.#photo = false;
    this.state = { state: this.#look ? 'looking' : 'ready' };
  }

  read(signal: AbortSignal): Promise<Result<Sensitive<IdCard>, ReadError>> {
    this.#look?.give(err({ code: 'aborted' }));
    this.#photo = false;
    return new Promise((resolve) => {
      const look = {
        give: (result: Result<Sensitive<IdCard>, ReadError>) => {
          if (this.#look === look) this.#look = null;
          resolve(result);
        },
      };
      this.#look = look;
      signal.addEventListener('abort', () => look.give(err({ code: 'aborted' })));
      this.state = { state: 'looking' };
      this.#offer();
    });
  }

  async photo(): ReturnType<IdCardReader['photo']> {
    if (!this.decoder) return err({ code: 'not-available', why: 'no-decoder', remedy: 'name one' });
    if (!this.#photo) return err({ code: 'not-available', why: 'no-card', remedy: 'read one' });
    this.#photo = false;
    return this.decoder();
  }

  async presence(): Promise<'present' | 'absent' | 'unknown'> {
    if (this.state.state === 'away') return 'unknown';
    return this.#card ? 'present' : 'absent';
  }

  samId(): string | null {
    return null;
  }

  #offer(): void {
    const card = this.#card;
    if (!card || this.#read || !this.#look) return;
    this.#read = true;
    this.#photo = true;
    this.state = { state: 'card' };
    this.#look.give(ok(new Sensitive(card)));
  }
}

/** A scanner in memory; what nobody listens to is lost, as with the driver. */
export class ScriptedScanner extends Watched<ScannerState> implements Scanner {
  readonly #heard = new Set<(scan: Sensitive<Scan>) => void>();

  constructor() {
    super({ state: 'ready' });
  }

  get listeners(): number {
    return this.#heard.size;
  }

  onScan(listener: (scan: Sensitive<Scan>) => void): () => void {
    this.#heard.add(listener);
    return () => this.#heard.delete(listener);
  }

  scan(...texts: readonly string[]): void {
    for (const text of texts) this.give({ kind: 'text', text });
  }

  give(scan: Scan): void {
    for (const listener of this.#heard) listener(new Sensitive(scan));
  }
}

const READY: PrinterState = { state: 'ready', low: [] };

/** Outcomes are taken from the script, then `confirmed`; while `blocked` a job waits until it is aborted or released. */
class ScriptedPrinter extends Watched<PrinterState> {
  readonly script: PrintOutcome[] = [];
  blocked = false;
  /** Prints on although it is told to stop, as a printer does whose sheet is half out. */
  deaf = false;
  #release: (() => void)[] = [];

  constructor() {
    super(READY);
  }

  release(): void {
    this.blocked = false;
    for (const go of this.#release.splice(0)) go();
  }

  protected async outcome(signal: AbortSignal | undefined): Promise<PrintOutcome> {
    if (this.blocked) {
      await new Promise<void>((resolve) => {
        this.#release.push(resolve);
        if (!this.deaf) signal?.addEventListener('abort', () => resolve());
      });
    }
    if (signal?.aborted && !this.deaf) return { outcome: 'failed', problem: 'paused', why: 'cancelled' };
    return this.script.shift() ?? { outcome: 'confirmed' };
  }
}

export class ScriptedReceiptPrinter extends ScriptedPrinter implements ReceiptPrinter {
  readonly receipts: Receipt[] = [];

  async print(receipt: Receipt, signal?: AbortSignal): Promise<PrintOutcome> {
    this.receipts.push(receipt);
    return this.outcome(signal);
  }
}

export class ScriptedDocumentPrinter extends ScriptedPrinter implements DocumentPrinter {
  /** Copies: the service zeroes its own bytes. */
  readonly pdfs: Buffer[] = [];
  readonly given: Uint8Array[] = [];

  async print(document: PrintDocument): Promise<PrintOutcome> {
    this.pdfs.push(Buffer.from(document.pdf));
    this.given.push(document.pdf);
    return this.outcome(document.signal);
  }

  async supplies(): Promise<[]> {
    return [];
  }
}
