import type { z } from 'zod';
import {
  CaseOpen,
  CaseSealed,
  type EntryKind,
  ErasureOpen,
  HelpOpen,
  KeyOpen,
  PrintOpen,
  RatingOpen,
  VerificationOpen,
} from '#contract/wire.ts';
import type { CaseKey } from '../sealing/material.ts';

/** What the service may write into the journal; `open` holds nothing personal, `sealed` is for the district's eyes only. */
export type NewEntry =
  | {
      readonly kind: 'case';
      readonly open: z.infer<typeof CaseOpen>;
      readonly sealed: z.infer<typeof CaseSealed>;
      /** The one that its materials are sealed under; without it the body gets one of its own. */
      readonly caseKey?: CaseKey;
    }
  | { readonly kind: 'verification'; readonly open: z.infer<typeof VerificationOpen> }
  | { readonly kind: 'rating'; readonly open: z.infer<typeof RatingOpen> }
  | { readonly kind: 'help'; readonly open: z.infer<typeof HelpOpen> }
  | { readonly kind: 'print'; readonly open: z.infer<typeof PrintOpen> }
  | { readonly kind: 'erasure'; readonly open: z.infer<typeof ErasureOpen> };

/** As {@link NewEntry}, with the journal's own kind. */
export type AnyEntry = NewEntry | { readonly kind: 'key'; readonly open: z.infer<typeof KeyOpen> };

/** What `open` holds, by the kind of the entry. */
export const bodyShapes = {
  key: KeyOpen,
  case: CaseOpen,
  verification: VerificationOpen,
  rating: RatingOpen,
  help: HelpOpen,
  print: PrintOpen,
  erasure: ErasureOpen,
} as const satisfies Record<EntryKind, z.ZodType>;

/**
 * Checks an entry against the contract before it is frozen for ever.
 * @throws Error that names the kind and the paths, never the values.
 */
export function requireShape(entry: AnyEntry): void {
  const checks = [bodyShapes[entry.kind].safeParse(entry.open)];
  const sealed = 'sealed' in entry ? CaseSealed.safeParse(entry.sealed) : null;
  const issues = [...checks.flatMap((check) => check.error?.issues ?? []), ...(sealed?.error?.issues ?? [])];
  if (issues.length > 0) {
    const where = issues.map((issue) => issue.path.join('.')).join(', ');
    throw new Error(`a journal entry of kind ${entry.kind} has not the contract's shape at: ${where}`);
  }
}

/** The case that an entry belongs to, or null. */
export function caseOf(entry: AnyEntry): string | null {
  return 'case' in entry.open ? entry.open.case : null;
}
