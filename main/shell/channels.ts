/** The ways across the bridge, and what the shell hands the preload script through its command line. */
export const CALL = 'call';
export const EVENT = 'event';
export const DRAWN = 'drawn';
export const FACTS_SWITCH = '--yichuang-facts=';

/** What a page is told at its start; it never changes while the page lives. */
export interface Facts {
  readonly widthMm: number;
  readonly heightMm: number;
  readonly developmentRuntime: boolean;
}
