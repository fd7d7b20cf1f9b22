import type { EntryAnswer, EntryKind } from '#contract/wire.ts';

export interface Acknowledged {
  readonly id: string;
  readonly kind: EntryKind;
  readonly caseId: string | null;
  readonly incarnation: number;
  readonly seq: number;
  readonly result: 'stored' | 'duplicate' | 'quarantined';
}

/** What ends an entry's waiting. */
export type FinalAnswer = EntryAnswer & { readonly result: Acknowledged['result'] };

/** Answers that say the same of entries that follow each other, as most do, by their first and last: one statement writes all of them. */
export function sameInARow(answers: readonly FinalAnswer[]): [first: FinalAnswer, last: FinalAnswer][] {
  const rows: [FinalAnswer, FinalAnswer][] = [];
  for (const answer of answers) {
    const row = rows.at(-1);
    if (row && isNextOf(row[1], answer)) row[1] = answer;
    else rows.push([answer, answer]);
  }
  return rows;
}

function isNextOf(a: FinalAnswer, b: FinalAnswer): boolean {
  return b.incarnation === a.incarnation && b.seq === a.seq + 1 && b.result === a.result && b.code === a.code;
}
