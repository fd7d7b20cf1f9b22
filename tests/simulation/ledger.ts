/** What residents were promised, and where it lies: told by the simulation's own books, not by the code under test. */
import { unreachable } from '#contract/result.ts';

/** One disk's life from a fork (a restored image, a clone) to its end or the next fork. */
export interface Lineage {
  readonly name: string;
  /** Incarnations that the district has given to this lineage alone, as far as it can know. */
  readonly sure: Set<number>;
  /** Entries that were written since the fork. */
  readonly own: Set<string>;
}

export interface Promised {
  readonly caseId: string;
  readonly entryId: string;
  readonly receiptNumber: string;
}

interface Numbered {
  readonly caseId: string;
  readonly lineage: Lineage;
  isSure: boolean;
}

export class Ledger {
  /** Cases that a resident was told of and that no disaster has destroyed in all places at once, by case. */
  readonly owed = new Map<string, Promised>();
  /** Hash of each entry's body when it was written, by entry. */
  readonly frozen = new Map<string, string>();
  /** Entries whose bytes were altered on a disk. */
  readonly rotten = new Set<string>();
  /** Entries that no desk can use, by intention. */
  readonly senseless = new Set<string>();
  /** Answers `stored` or `duplicate` that the gateway has given and not lost since: place and hash. */
  readonly confirmed = new Set<string>();
  /** As {@link confirmed}, and what it put into quarantine; what a restore of the gateway lost stays in here. */
  readonly answered = new Set<string>();
  /** When each was first confirmed, by the world's clock; what a restore lost stays in here. */
  readonly confirmedMs = new Map<string, number>();
  /** The oldest backup that the gateway was restored to, by the world's clock. */
  restoredToMs = Number.POSITIVE_INFINITY;
  /** Terminals whose disk runs in two machines: each may carry the same entry into an incarnation that both began. */
  readonly cloned = new Set<string>();
  readonly #numbers = new Map<string, Numbered[]>();
  told = 0;
  destroyed = 0;
  forks = 0;
  /** Bodies that terminals let go of, and cases that went with the district's memory after that. */
  letGo = 0;
  lost = 0;

  /** The gateway has answered that an entry is stored. */
  confirm(place: string, nowMs: number): void {
    this.confirmed.add(place);
    if (!this.confirmedMs.has(place)) this.confirmedMs.set(place, nowMs);
  }

  /** A resident was told. @returns what is wrong with the number, or null. */
  tell(promised: Promised, lineage: Lineage, incarnation: number): string | null {
    const { caseId, receiptNumber } = promised;
    this.told += 1;
    this.owed.set(caseId, promised);
    const isSure = lineage.sure.has(incarnation);
    const others = this.#numbers.get(receiptNumber) ?? [];
    this.#numbers.set(receiptNumber, [...others, { caseId, lineage, isSure }]);
    // Who has not heard the district since a fork cannot know that a number was given elsewhere.
    const twice = others.some((other) => other.lineage === lineage || (other.isSure && isSure));
    return twice ? `the receipt number ${receiptNumber} was given twice` : null;
  }

  /**
   * A disaster took copies away.
   * @param kept the entries that still lie somewhere; what does not is nobody's debt any more
   */
  disaster(what: 'terminal' | 'gateway', kept: ReadonlySet<string>, atGateway: ReadonlySet<string>): void {
    for (const [caseId, { entryId }] of this.owed) {
      if (kept.has(entryId)) continue;
      this.owed.delete(caseId);
      this.destroyed += 1;
    }
    for (const numbered of [...this.#numbers.values()].flat()) {
      const entryId = this.owed.get(numbered.caseId)?.entryId;
      switch (what) {
        case 'terminal':
          // A number that only the lost disk knew may come again.
          if (entryId === undefined || !atGateway.has(entryId)) numbered.isSure = false;
          break;
        case 'gateway':
          if (this.forks > 0) numbered.isSure = false;
          break;
        default:
          unreachable(what);
      }
    }
  }
}
