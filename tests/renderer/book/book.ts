import type { Page } from './manifest.ts';

export interface Picture {
  /** Its path in the book's folder. */
  readonly file: string;
  readonly turn: string;
  readonly look: string;
  readonly page: string;
  /** What the inspection found wrong with it, in words. */
  readonly problems: readonly string[];
}

interface Wanted {
  readonly turns: readonly string[];
  readonly looks: readonly string[];
  readonly pages: readonly Page[];
}

/** What `index.json` holds. */
export interface Book extends Wanted {
  readonly pictures: readonly Picture[];
  /** Files of pictures that the manifest wants and nobody took. */
  readonly missing: readonly string[];
}

/** Files that are wanted and not among the pictures. */
export function missing({ turns, looks, pages }: Wanted, pictures: readonly Picture[]): readonly string[] {
  const taken = new Set(pictures.map(({ file }) => file));
  return turns
    .flatMap((turn) => looks.flatMap((look) => pages.map(({ name }) => `${turn}/${look}/${name}.png`)))
    .filter((file) => !taken.has(file));
}

/** One line for a person. */
export function summary({ missing, pages, pictures }: Book): string {
  const problems = pictures.reduce((sum, picture) => sum + picture.problems.length, 0);
  return `${pages.length} pages, ${pictures.length} pictures, ${missing.length} missing, ${problems} problems`;
}
