import { unreachable } from '#contract/result.ts';
import type { Cursor } from '#contract/wire.ts';
import type { Outbox } from '../journal/outbox.ts';
import type { Log } from '../log/log.ts';
import { judgeCursor } from './judge.ts';

/** Brings the journal into agreement with what the district says that it has. */
export class Reconciler {
  readonly #outbox: Outbox;
  readonly #log: Log;

  constructor(o: { readonly outbox: Outbox; readonly log: Log }) {
    this.#outbox = o.outbox;
    this.#log = o.log;
  }

  /** Obeys the district's cursor: what it has lost waits again, and a chain that is not ours starts a new incarnation. */
  async reconcile(cursor: Cursor, incarnation: number): Promise<'agreed' | 'rewound' | 'contradicted'> {
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
  async reconcileLeft(cursor: Cursor, incarnation: number): Promise<void> {
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
