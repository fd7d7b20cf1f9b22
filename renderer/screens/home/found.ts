import type { Step } from '#contract/visit.ts';

export type Item = Extract<Step, { at: 'home' }>['items'][number];

/** What a person has written of what is looked for: words, and letters of a sound that are not chosen yet. */
export interface Wanted {
  readonly text: string;
  readonly typed: string;
}

/**
 * The items that are meant, in their order: each word stands in a title or a summary of either language, or is heard in the title.
 * @param read how each Chinese title is read aloud
 */
export function itemsFor(
  items: readonly Item[],
  { text, typed }: Wanted,
  read: ReadonlyMap<string, readonly string[]>,
): readonly Item[] {
  const words = text
    .toLowerCase()
    .split(/[\s，。、？！：；]+/)
    .filter((word) => word !== '');
  const sound = typed.replaceAll("'", '');
  return items.filter((item) => {
    const written = [item.title, item.summary].flatMap(({ zh, en }) => [zh, en.toLowerCase()]);
    const sounds = read.get(item.title.zh) ?? [];
    const stands = (word: string) => written.some((where) => where.includes(word)) || isHeard(word, sounds);
    return words.every(stands) && (sound === '' || isHeard(sound, sounds));
  });
}

/** Whether letters are the sound of neighbouring syllables, each written out or begun. */
function isHeard(letters: string, sounds: readonly string[]): boolean {
  const from = (at: number, rest: string): boolean => {
    const sound = sounds[at];
    if (rest === '' || sound === undefined) return rest === '';
    for (let length = 1; length <= rest.length && sound.startsWith(rest.slice(0, length)); length += 1) {
      if (from(at + 1, rest.slice(length))) return true;
    }
    return false;
  };
  return sounds.some((_, at) => from(at, letters));
}
