import type { ZoneFormat } from '#contract/person.ts';
import { LAYOUTS } from './mrz-layouts.ts';

/** A zone that is being written: its lines one after another, and where the next character goes. */
export interface ZoneDraft {
  readonly format: ZoneFormat;
  readonly text: string;
  readonly cursor: number;
}

/** What one scan brought: a whole zone, or one line of one. */
export interface ScannedZone {
  readonly format: ZoneFormat;
  readonly text: string;
}

export type ZoneKey = 'erase' | 'clear' | 'left' | 'right' | (string & {});

export const EMPTY_DRAFT: ZoneDraft = { format: 'td3', text: '', cursor: 0 };

/** One key of the worker's keyboard: a character goes in at the cursor, as long as the zone has room. */
export function pressKey(draft: ZoneDraft, key: ZoneKey): ZoneDraft {
  const { cursor, text } = draft;
  switch (key) {
    case 'clear':
      return { ...draft, text: '', cursor: 0 };
    case 'left':
      return { ...draft, cursor: Math.max(cursor - 1, 0) };
    case 'right':
      return { ...draft, cursor: Math.min(cursor + 1, text.length) };
    case 'erase':
      if (cursor === 0) return draft;
      return { ...draft, text: text.slice(0, cursor - 1) + text.slice(cursor), cursor: cursor - 1 };
    default:
      if (text.length >= roomOf(draft.format)) return draft;
      return { ...draft, text: text.slice(0, cursor) + key + text.slice(cursor), cursor: cursor + 1 };
  }
}

/** Another layout; what was typed flows into its lines, and what finds no room is dropped. */
export function withFormat(draft: ZoneDraft, format: ZoneFormat): ZoneDraft {
  const text = draft.text.slice(0, roomOf(format));
  return { format, text, cursor: Math.min(draft.cursor, text.length) };
}

/** @returns null for a scan that is neither a zone nor a line of one. */
export function zoneIn(scan: string): ScannedZone | null {
  const text = scan.replaceAll(/\s/g, '');
  if (!/^[A-Z0-9<]+$/.test(text)) return null;
  for (const [format, { length, lines }] of Object.entries(LAYOUTS) as [ZoneFormat, (typeof LAYOUTS)[ZoneFormat]][]) {
    if (text.length === length || text.length === length * lines) return { format, text };
  }
  return null;
}

/**
 * A line goes behind the lines that are there, and begins anew where they are whole, of another layout or half typed; a line that
 * was scanned twice counts once.
 */
export function withScan(draft: ZoneDraft, { format, text }: ScannedZone): ZoneDraft {
  const { length } = LAYOUTS[format];
  const goesOn =
    text.length === length &&
    draft.format === format &&
    draft.text.length % length === 0 &&
    draft.text.length < roomOf(format);
  if (goesOn && draft.text.endsWith(text)) return draft;
  const all = goesOn ? draft.text + text : text;
  return { format, text: all, cursor: all.length };
}

function roomOf(format: ZoneFormat): number {
  const { length, lines } = LAYOUTS[format];
  return length * lines;
}

/** The draft in its lines, empty ones included, with the cursor's line and column from 0. */
export function linesOf({ cursor, format, text }: ZoneDraft): {
  lines: string[];
  length: number;
  cursor: { line: number; column: number };
} {
  const { length, lines } = LAYOUTS[format];
  const line = Math.min(Math.floor(cursor / length), lines - 1);
  return {
    lines: Array.from({ length: lines }, (_, i) => text.slice(i * length, (i + 1) * length)),
    length,
    cursor: { line, column: cursor - line * length },
  };
}
