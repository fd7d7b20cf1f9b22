import { unreachable } from '#contract/result.ts';
import { type AnyUpdate, Update } from '#contract/updates.ts';
import { limits } from '#contract/wire.ts';
import { type ErasureOptions, eraseCase } from '../journal/erasure.ts';
import { retryIn } from '../journal/retry.ts';
import type { Log } from '../log/log.ts';
import { Updates } from '../store/updates.ts';
import type { Clock } from '../time/clock.ts';
import type { ServerTime } from '../time/server-time.ts';
import type { ExchangeError, GatewayClient } from './client.ts';
import { PackageFolder } from './package-folder.ts';

export interface DownlinkOptions extends ErasureOptions {
  /** Folder of the packages. */
  readonly packages: string;
  /** The version in use: its package stays. */
  readonly catalogue: string;
  readonly clock: Clock;
  readonly serverTime: ServerTime;
  readonly idleSeconds: number;
  /** Hears that an alert, or the end of one, has just been kept. */
  readonly alertsKept: () => void;
  readonly log: Log;
}

type CataloguePackage = Extract<Update, { kind: 'catalogue' }>;

/** Whether there is more to do at once. */
export type Taken = 'more' | 'done';

/**
 * What comes down from the district (sync.md, Down): asked for when nothing waits to be sent, done once, told to the district; packages
 * in small parts, so that entries never wait for more than one of them. Trouble here never stops the way up.
 */
export class Downlink {
  readonly #o: DownlinkOptions;
  readonly #updates: Updates;
  readonly #packages: PackageFolder;
  /** By the monotonic clock: before it nothing is asked anew, after trouble nothing at all. */
  #askAtMs = 0;
  #troubleUntilMs = 0;
  /** Until when a package is let be, by its hash: others go on. */
  readonly #postponed = new Map<string, number>();

  constructor(o: DownlinkOptions) {
    this.#o = o;
    this.#updates = new Updates(o.store);
    this.#packages = new PackageFolder(o.packages);
  }

  /**
   * At most one exchange.
   * @param partBytes the most bytes that the line should carry at once
   * @throws StoreWriteError when the outcome could not be kept: it is done again
   */
  async take(client: GatewayClient, partBytes: number): Promise<Taken> {
    const nowMs = this.#o.clock.monotonicMs();
    if (nowMs < this.#troubleUntilMs) return 'done';
    const wanted = await this.#carryOut();
    const untold = this.#updates.untold();
    if (untold) {
      const told = await client.acknowledge(untold);
      // A district that has no such update, since it was restored, need not hear of it.
      if (!told.ok && !isNotFound(told.error)) return this.#troubled(told.error);
      this.#updates.told(untold.id);
      return 'more';
    }
    if (nowMs >= this.#askAtMs) {
      const answer = await client.updates(this.#updates.cursor);
      if (!answer.ok) return this.#troubled(answer.error);
      this.#updates.keep(answer.value);
      if (answer.value.updates.some(({ kind }) => kind.startsWith('alert'))) this.#o.alertsKept();
      if (answer.value.updates.length > 0) return 'more';
      this.#askAtMs = nowMs + this.#idleMs;
      await this.#tidy();
      return 'more';
    }
    if (!wanted) return 'done';
    return this.#fetch(client, wanted, Math.max(1, Math.floor(Math.min(limits.partBytes, partBytes))));
  }

  /** Removes packages of which every update has expired; the district's time has just been heard. */
  async #tidy(): Promise<void> {
    const { catalogue, clock, serverTime, log } = this.#o;
    const now = serverTime.now(clock);
    try {
      for (const sha256 of await this.#packages.hashes()) {
        if (sha256 === catalogue) continue;
        if (!this.#updates.ofPackage(sha256).every((update) => isExpired(update, now))) continue;
        await this.#packages.remove(sha256);
        log.info({ event: 'sync.package-removed', sha256 });
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      log.warn({ event: 'sync.packages-not-removed', code });
    }
  }

  /** Does what can be done without the district. @returns a package that is to be fetched */
  async #carryOut(): Promise<CataloguePackage | null> {
    const { store, clock, serverTime, log } = this.#o;
    const wanted: CataloguePackage[] = [];
    for (const update of this.#updates.open()) {
      const known = Update.safeParse(update);
      if (isExpired(update, serverTime.now(clock))) {
        if (known.success && known.data.kind === 'catalogue')
          await this.#onDisk(known.data.sha256, this.#packages.discard(known.data.sha256));
        this.#updates.finish(update.id, 'expired');
        continue;
      }
      // Of another release: it is kept, and looked at again by the next one.
      if (!known.success) continue;
      const { data } = known;
      switch (data.kind) {
        case 'retry-entry':
          store.transaction(() => {
            const retried = retryIn(store.db, { seq: data.seq, incarnation: data.incarnation, at: clock.wall() });
            this.#updates.finish(data.id, retried.ok ? 'done' : 'failed');
            log.info({ event: 'sync.retry-asked', incarnation: data.incarnation, seq: data.seq, done: retried.ok });
          });
          break;
        case 'erase-entry':
          store.erasure(() => {
            const done = eraseCase(this.#o, data.entry);
            this.#updates.finish(data.id, done ? 'done' : 'failed');
            log.info({ event: 'sync.erasure-asked', entry: data.entry, done });
          });
          break;
        // Kept is done: what is kept is shown.
        case 'alert':
        case 'alert-withdrawn':
          this.#updates.finish(data.id, 'done');
          log.info({ event: 'sync.alert-kept', kind: data.kind, id: data.id });
          break;
        case 'catalogue':
          wanted.push(data);
          break;
        default:
          unreachable(data);
      }
    }
    return this.#next(wanted);
  }

  /** The one that was let be longest goes first, so that one in trouble does not hold up the others. */
  #next(wanted: readonly CataloguePackage[]): CataloguePackage | null {
    const untilMs = ({ sha256 }: CataloguePackage) => this.#postponed.get(sha256) ?? 0;
    const [first] = wanted.toSorted((a, b) => untilMs(a) - untilMs(b));
    return first && untilMs(first) <= this.#o.clock.monotonicMs() ? first : null;
  }

  async #fetch(client: GatewayClient, wanted: CataloguePackage, atMost: number): Promise<Taken> {
    const { id, sha256, bytes } = wanted;
    const whole = await this.#onDisk(sha256, this.#packages.has(sha256));
    if (whole === null) return 'done';
    if (whole) {
      this.#updates.finish(id, 'done');
      return 'more';
    }
    const here = await this.#onDisk(sha256, this.#packages.partBytes(sha256));
    if (here === null) return 'done';
    if (here > bytes) return this.#isWrong(sha256);
    if (here < bytes) {
      if (!this.#o.store.hasRoom(bytes - here)) return this.#postpone('sync.package-no-room', sha256, { bytes });
      const part = await client.packagePart(sha256, here, Math.min(atMost, bytes - here));
      if (!part.ok) {
        // Not for this region, or not yet; what is here of it stays.
        return isNotFound(part.error) ? this.#postpone('sync.package-not-found', sha256) : this.#troubled(part.error);
      }
      // Another length than was announced.
      if (part.value.total !== bytes) return this.#isWrong(sha256);
      const written = await this.#onDisk(
        sha256,
        this.#packages.write(sha256, here, part.value.content).then(() => true),
      );
      return written === null ? 'done' : 'more';
    }
    const isRight = await this.#onDisk(sha256, this.#packages.seal(sha256));
    if (isRight === null) return 'done';
    if (!isRight) return this.#isWrong(sha256);
    this.#o.log.info({ event: 'sync.package-here', sha256, bytes });
    return 'more';
  }

  /** What came is not what its name says: it is thrown away, said, and fetched anew later. */
  async #isWrong(sha256: string): Promise<Taken> {
    await this.#onDisk(sha256, this.#packages.discard(sha256));
    return this.#postpone('sync.package-wrong', sha256);
  }

  /** @returns null when the disk does not take it: the package is tried again later. */
  async #onDisk<T>(sha256: string, work: Promise<T>): Promise<T | null> {
    try {
      return await work;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      this.#postpone('sync.package-not-written', sha256, { code });
      return null;
    }
  }

  #postpone(event: string, sha256: string, about: Record<string, unknown> = {}): Taken {
    this.#o.log.error({ event, sha256, ...about });
    this.#postponed.set(sha256, this.#o.clock.monotonicMs() + this.#idleMs);
    return 'done';
  }

  #troubled(error: ExchangeError): Taken {
    this.#o.log.info({ event: 'sync.nothing-down', code: error.code });
    const patienceMs = error.code === 'busy' ? (error.retryAfterMs ?? 0) : 0;
    this.#troubleUntilMs = this.#o.clock.monotonicMs() + Math.max(this.#idleMs, patienceMs);
    return 'done';
  }

  get #idleMs(): number {
    return this.#o.idleSeconds * 1000;
  }
}

function isExpired({ expiresAt }: AnyUpdate, now: Date): boolean {
  return Date.parse(expiresAt) <= now.getTime();
}

function isNotFound(error: ExchangeError): boolean {
  return error.code === 'refused' && error.why === 'not-found';
}
