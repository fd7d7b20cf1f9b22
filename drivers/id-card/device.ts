import type { IdCard, ReaderState } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { Sensitive } from '#contract/sensitive.ts';
import { keep, type Life, type Tier } from '../common/life.ts';
import { pluggedAt } from '../common/plug.ts';
import { systemTimers, type Timers } from '../common/port.ts';
import { ratesOf } from '../common/transport.ts';
import { Alarm } from '../common/wait.ts';
import { Watched } from '../common/watched.ts';
import { type Connect, nobody } from '../common/wire.ts';
import { type NoAnswer, SamLine } from './line.ts';
import { decodePhoto, type NoPicture, type Picture } from './photo.ts';
import type { IdCardReader, IdCardReaderOptions, ReadError } from './port.ts';
import { BAUD_RATES, COMMANDS, PHOTO, STATUS, succeeded, TIMING } from './protocol.ts';
import { readCard } from './reading.ts';
import { findsNothing, greet, type ReaderTrouble, samFault, unheard } from './sam.ts';

type Read = Result<Sensitive<IdCard>, ReadError>;
interface Look {
  readonly settle: (read: Read) => void;
}
type Presence = 'present' | 'absent' | 'unknown';

/** So many searches (three seconds) without a sense are a fault. */
const ODD_FINDS_MOST = 10;

const LOOKING: ReadonlySet<ReaderState['state']> = new Set(['looking', 'reading', 'unreadable']);

/** The reader's life: one loop holds the line, so that no two questions ever meet on it. */
export class SamReader implements IdCardReader, Life<SamLine, ReaderTrouble> {
  readonly #connect: Connect;
  readonly #rates: readonly number[];
  readonly #timers: Timers;
  readonly #watched: Watched<ReaderState>;
  readonly #closing = new AbortController();
  readonly #alarm = new Alarm();
  readonly #photoDecoder: string | undefined;
  readonly #log: IdCardReaderOptions['log'];
  readonly #life: Promise<void>;
  #look: Look | undefined;
  #asked: ((presence: Presence) => void)[] = [];
  #connected = false;
  #samId: string | null = null;
  /** The closed photograph of the card that was read last, until it is asked for, its time is over or the card is gone. */
  #closedPhoto: Uint8Array | null = null;
  #stopKeeping: () => void = nobody;
  #rate: number | undefined;
  #line: SamLine | undefined;
  #tier: Tier = 'reconnect';
  /** Whether the reader was seen empty since a card could not be read. */
  #emptied = true;
  #works: (() => void) | undefined;
  /** The reader was lost, and no search has ended well since. */
  #doubted = false;
  /** Searches in a row that ended neither with a card nor without one. */
  #oddFinds = 0;

  constructor(connect: Connect, options: IdCardReaderOptions) {
    this.#connect = connect;
    this.#rates = ratesOf(options.connection, BAUD_RATES);
    this.#timers = options.timers ?? systemTimers();
    this.#photoDecoder = options.photoDecoder;
    this.#log = options.log;
    const first = { state: 'away', why: 'connecting', remedy: 'wait a moment' } as const;
    this.#watched = new Watched<ReaderState>('id-card', first, options.log);
    this.#watched.on(({ state }) => {
      if (state !== 'card') this.#forgetPhoto();
    });
    this.#life = keep(this, this.#timers, this.#closing.signal, pluggedAt(options.connection));
  }

  get state(): ReaderState {
    return this.#watched.state;
  }

  onState(listener: (state: ReaderState) => void): () => void {
    return this.#watched.on(listener);
  }

  get decodesPhotos(): boolean {
    return this.#photoDecoder !== undefined;
  }

  samId(): string | null {
    return this.#samId;
  }

  read(signal: AbortSignal): Promise<Read> {
    this.#look?.settle(err({ code: 'aborted' }));
    return new Promise((done) => {
      const abort = () => look.settle(err({ code: 'aborted' }));
      const look: Look = {
        settle: (read) => {
          if (this.#look === look) this.#look = undefined;
          signal.removeEventListener('abort', abort);
          if (!read.ok && LOOKING.has(this.state.state)) this.#watched.set({ state: 'ready' });
          done(read);
        },
      };
      this.#look = look;
      const given = this.#givenUp;
      if (signal.aborted || this.#closing.signal.aborted) look.settle(err({ code: 'aborted' }));
      else if (given) look.settle(err(given));
      else {
        signal.addEventListener('abort', abort);
        if (this.#connected) this.#watched.set({ state: 'looking' });
        this.#alarm.ring();
      }
    });
  }

  presence(): Promise<Presence> {
    if (!this.#connected) return Promise.resolve('unknown');
    return new Promise((done) => {
      this.#asked.push(done);
      this.#alarm.ring();
    });
  }

  async photo(): Promise<Result<Picture, NoPicture>> {
    const [program, photo] = [this.#photoDecoder, this.#closedPhoto];
    this.#closedPhoto = null;
    this.#stopKeeping();
    const none = { code: 'not-available' } as const;
    if (program === undefined) return err({ ...none, why: 'no-decoder', remedy: "name the vendor's program" });
    if (photo === null) return err({ ...none, why: 'no-card', remedy: 'read a card first' });
    const decoded = await decodePhoto(program, photo, this.#timers, this.#closing.signal);
    if (!decoded.ok && !this.#closing.signal.aborted) {
      const { why, remedy } = decoded.error;
      this.#log?.({ event: 'no-photo', device: 'id-card', why, remedy });
    }
    return decoded;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#look?.settle(err({ code: 'aborted' }));
    await this.#line?.close();
    this.#alarm.ring();
    await this.#life;
    this.#forgetPhoto();
  }

  async open(signal: AbortSignal, reset: boolean): Promise<Result<SamLine, ReaderTrouble>> {
    let trouble = unheard('silent');
    const known = this.#rate;
    const rates = known === undefined ? this.#rates : [known, ...this.#rates.filter((rate) => rate !== known)];
    for (const rate of rates) {
      const opened = await this.#connect(rate, reset);
      if (!opened.ok) return err({ state: 'away', ...opened.error });
      const line = new SamLine(opened.value, this.#timers);
      this.#line = line;
      const greeted = signal.aborted
        ? err(trouble)
        : await greet(line, { tryMs: rates.length > 1 ? TIMING.baudTryMs : undefined, reset });
      if (greeted.ok) {
        this.#rate = rate;
        this.#samId = greeted.value;
        return ok(line);
      }
      await line.close();
      trouble = greeted.error;
      if (trouble.state === 'fault' || signal.aborted) break;
    }
    return err(trouble);
  }

  async serve(line: SamLine, signal: AbortSignal, works: () => void): Promise<ReaderTrouble> {
    this.#works = works;
    // After a trouble nobody is asked for a card again before the antenna answers.
    const dead = this.#doubted ? await this.#tryAntenna(line) : undefined;
    if (dead) {
      await line.close();
      return dead;
    }
    this.#connected = true;
    this.#emptied = true;
    this.#watched.set({ state: this.#look ? 'looking' : 'ready' });
    try {
      for (;;) {
        this.#alarm.clear();
        const trouble = await this.#turn(line);
        if (trouble) return trouble;
        if (signal.aborted) return unheard('closed');
        if (this.#asked.length === 0) await this.#alarm.wait(this.#timers, this.#restMs);
      }
    } finally {
      this.#connected = false;
      for (const done of this.#asked.splice(0)) done('unknown');
      await line.close();
    }
  }

  lost({ state, why, remedy, detail }: ReaderTrouble, tier: Tier): void {
    this.#watched.set({ state, why, remedy }, detail);
    this.#tier = tier;
    this.#doubted = true;
    const error = this.#givenUp;
    if (error) this.#look?.settle(err(error));
  }

  /** The error of a read that need not begin. */
  get #givenUp(): ReadError | undefined {
    const { state } = this;
    if (state.state !== 'fault' && (state.state !== 'away' || this.#tier !== 'callStaff')) return undefined;
    return { code: state.state, why: state.why, remedy: state.remedy };
  }

  get #restMs(): number {
    if (this.#look) return TIMING.pollMs;
    return this.state.state === 'card' ? TIMING.cardContactMs : TIMING.contactMs;
  }

  /** One piece of work; the trouble that ended the line, if one did. */
  async #turn(line: SamLine): Promise<ReaderTrouble | undefined> {
    if (this.#asked.length > 0 || (!this.#look && this.state.state === 'card')) return this.#tellPresence(line);
    if (this.#look) return this.#lookOnce(line, this.#look);
    const status = await line.ask(COMMANDS.samStatus);
    return status.ok ? samFault(status.value.sw3) : unheard(status.error);
  }

  async #lookOnce(line: SamLine, look: Look): Promise<ReaderTrouble | undefined> {
    const found = await line.ask(COMMANDS.findCard);
    if (!found.ok) return unheard(found.error);
    const dead = this.#antenna(found.value.sw3);
    if (dead || this.#look !== look) return dead;
    if (!succeeded(COMMANDS.findCard, found.value)) {
      this.#emptied = true;
      // What to do about an unreadable card stays on the screen until a card is laid down again.
      if (this.state.state !== 'unreadable') this.#watched.set({ state: 'looking' });
      return samFault(found.value.sw3);
    }
    if (this.#emptied) this.#watched.set({ state: 'reading' });
    const read = await readCard(line, this.decodesPhotos);
    this.#emptied = read.ok;
    if (read.ok) {
      const { card, photo } = read.value;
      if (this.#look !== look) {
        photo?.fill(0);
        return undefined;
      }
      this.#watched.set({ state: 'card' });
      this.#keepPhoto(photo);
      look.settle(ok(new Sensitive(card)));
    } else if (read.error.why === 'lost') {
      return unheard(read.error.detail);
    } else if (this.#look === look) {
      this.#watched.set({ state: 'unreadable', why: read.error.why }, read.error.detail);
    }
    return undefined;
  }

  #keepPhoto(photo: Uint8Array | null): void {
    this.#closedPhoto = photo;
    if (photo) this.#stopKeeping = this.#timers.after(PHOTO.keptMs, () => this.#forgetPhoto());
  }

  #forgetPhoto(): void {
    this.#stopKeeping();
    this.#closedPhoto?.fill(0);
    this.#closedPhoto = null;
  }

  async #tryAntenna(line: SamLine): Promise<ReaderTrouble | undefined> {
    const found = await line.ask(COMMANDS.findCard);
    if (!found.ok) return unheard(found.error);
    this.#oddFinds = ODD_FINDS_MOST;
    return this.#antenna(found.value.sw3);
  }

  /** A search ends with a card or with none; a reader that says something else again and again has lost its antenna. */
  #antenna(sw3: number): ReaderTrouble | undefined {
    if (sw3 === STATUS.found || sw3 === STATUS.noCard) {
      this.#oddFinds = 0;
      this.#doubted = false;
      this.#works?.();
      return undefined;
    }
    this.#oddFinds += 1;
    return this.#oddFinds < ODD_FINDS_MOST ? undefined : findsNothing(sw3);
  }

  async #tellPresence(line: SamLine): Promise<ReaderTrouble | undefined> {
    const presence = await this.#presence(line);
    if (!presence.ok) return unheard(presence.error);
    for (const done of this.#asked.splice(0)) done(presence.value === 'absent' ? 'absent' : 'present');
    // Only the card that was read counts: one that was laid down in its place may be somebody else's.
    if (!this.#look) this.#watched.set({ state: presence.value === 'read' ? 'card' : 'ready' });
    return undefined;
  }

  /** A card that was read answers `30 03` and is not found again; one that was laid down since is found. Asked twice, so that one failed answer loses no card. */
  async #presence(line: SamLine): Promise<Result<'read' | 'laid' | 'absent', NoAnswer>> {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const content = await line.ask(COMMANDS.newestAddress);
      if (!content.ok) return content;
      content.value.data.fill(0);
      if (content.value.sw3 === STATUS.ok || content.value.sw3 === STATUS.noContent) return ok('read');
    }
    const found = await line.ask(COMMANDS.findCard);
    return found.ok ? ok(succeeded(COMMANDS.findCard, found.value) ? 'laid' : 'absent') : found;
  }
}
