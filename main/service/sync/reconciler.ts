import { ok, type Result, unreachable } from '#contract/result.ts';
import type { Cursor } from '#contract/wire.ts';
import type { Outbox } from '../journal/outbox.ts';
import type { Log } from '../log/log.ts';
import type { ExchangeError, GatewayClient } from './client.ts';
import { judgeCursor } from './judge.ts';

type Cursors = Pick<GatewayClient, 'cursor'>;
type Agreed = 'agreed' | 'rewound' | 'contradicted';

/** Brings the journal into agreement with what the district says that it has. */
export class Reconciler {
  readonly #outbox: Outbox;
  readonly #log: Log;
  readonly #enrolledEpoch: string;
  /** Whether the district's newest incarnation was heard since the start. */
  #placed = false;

  constructor(o: { readonly outbox: Outbox; readonly log: Log; readonly identity: { readonly epoch: string } }) {
    this.#outbox = o.outbox;
    this.#log = o.log;
    this.#enrolledEpoch = o.identity.epoch;
  }

  /** Hears the district's cursor and obeys it; where its epoch is another one, for every incarnation that there was. */
  async look(client: Cursors): Promise<Result<Agreed, ExchangeError>> {
    const outbox = this.#outbox;
    // After a start the district's newest incarnation counts: this disk may be an image from before it began.
    const cursor = await client.cursor(this.#placed ? outbox.incarnation : null);
    if (!cursor.ok) return cursor;
    this.#placed = true;
    const { epoch } = cursor.value;
    const agreed = await this.reconcile(cursor.value, outbox.incarnation);
    if (epoch !== (outbox.epoch ?? this.#enrolledEpoch)) {
      this.#log.warn({ event: 'sync.epoch-changed' });
      const older = await this.#lookAtLeft(client);
      if (!older.ok) return older;
    }
    await this.bridge();
    outbox.epoch = epoch;
    return ok(agreed);
  }

  /** The district may have lost what it had of every incarnation, also of those that were left. */
  async #lookAtLeft(client: Cursors): Promise<Result<undefined, ExchangeError>> {
    for (const incarnation of this.#outbox.incarnations()) {
      if (incarnation === this.#outbox.incarnation) continue;
      const left = await client.cursor(incarnation);
      if (!left.ok) return left;
      await this.#reconcileLeft(left.value, incarnation);
    }
    return ok();
  }

  /** Obeys the district's cursor: what it has lost waits again, and a chain that is not ours starts a new incarnation. */
  async reconcile(cursor: Cursor, incarnation: number): Promise<Agreed> {
    const outbox = this.#outbox;
    const verdict = judgeCursor(cursor, { incarnation, hashAt: (seq) => outbox.hashAt(incarnation, seq) });
    switch (verdict.verdict) {
      case 'agreed': {
        const entries = await outbox.rewind(incarnation, verdict.upTo);
        outbox.reckonLost(incarnation, verdict.upTo);
        if (entries === 0) return 'agreed';
        this.#log.warn({ event: 'sync.rewound', incarnation, seq: verdict.upTo, entries });
        return 'rewound';
      }
      case 'contradicted':
        // An older incarnation was left for this very reason.
        if (incarnation === outbox.incarnation) await this.begin(verdict.nextIncarnation);
        return 'contradicted';
      default:
        return unreachable(verdict);
    }
  }

  /**
   * As {@link reconcile}, for an incarnation that was left, when the district may have lost what it had of it. Where another chain has taken
   * its place since, nothing tells how much of ours it still has: all of it is sent again, and what does not find its place is carried
   * over. What was compacted is lost from where the other chain ends; before that only an answer tells.
   */
  async #reconcileLeft(cursor: Cursor, incarnation: number): Promise<void> {
    if ((await this.reconcile(cursor, incarnation)) !== 'contradicted') return;
    const entries = await this.#outbox.rewind(incarnation, 0);
    this.#outbox.reckonLost(incarnation, cursor.contiguousSeq - 1);
    this.#log.warn({ event: 'sync.rewound', incarnation, seq: 0, entries });
  }

  /**
   * Where entries are lost for good, a new incarnation takes up what comes after them: a person hears of the loss, and nothing stops.
   * Only when every incarnation has been reconciled: the newest is judged by its own cursor.
   */
  async bridge(): Promise<void> {
    if (!this.#outbox.isBlocked) return;
    for (const lost of this.#outbox.lost) this.#log.error({ event: 'sync.lost', ...lost });
    await this.begin(this.#outbox.incarnation + 1);
  }

  /** Brings a beginning to its end that was cut short; before anything is sent or compared. */
  async resume(): Promise<void> {
    const { beginning } = this.#outbox;
    if (beginning !== null) await this.begin(beginning);
  }

  async begin(incarnation: number): Promise<void> {
    const carried = await this.#outbox.beginIncarnation(incarnation);
    this.#log.error({ event: 'sync.new-incarnation', incarnation, carried });
  }
}
