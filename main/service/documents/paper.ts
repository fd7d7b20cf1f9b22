import type { Signature } from '#contract/calls.ts';
import type { Language, Text } from '#contract/text.ts';

/** What a receipt is set from. It never holds a full ID number (R25). */
export interface ReceiptPaper {
  readonly document: 'receipt';
  readonly language: Language;
  readonly street: string;
  readonly community: string;
  readonly phone: string;
  readonly item: Text;
  readonly receiptNumber: string;
  readonly maskedName: string;
  readonly maskedNumber: string;
  readonly acceptedAt: string;
  readonly collect: { readonly when: Text; readonly where: Text };
  /** Names of what is to be brought when collecting. */
  readonly bring: readonly Text[];
}

/** What an A4 sheet is set from; the member names are those that the Typst templates read. */
export interface SheetPaper {
  readonly document: 'certificate' | 'acceptance-notice';
  readonly template: string;
  readonly title: string;
  /** The item's name. */
  readonly item: string;
  readonly paragraphs: readonly string[];
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly street: string;
  readonly community: string;
  readonly phone: string;
  readonly committee: string;
  /** The receipt number. */
  readonly number: string;
  readonly date: string;
  /** Who verified and when; empty on an acceptance notice. */
  readonly worker: string;
  readonly verifiedAt: string;
  /** What happens next; empty on a certificate. */
  readonly steps: readonly string[];
  readonly signature: Signature;
}

/** A sheet with the terminal's signature over what it says; see {@link ./stamp.ts}. */
export interface SignedSheet extends SheetPaper {
  /** Text of the QR code. */
  readonly code: string;
  /** The beginning of the digest, for the eye. */
  readonly digest: string;
}

/** The input of a print job, sealed while it rests. */
export type Paper = ReceiptPaper | SignedSheet;
