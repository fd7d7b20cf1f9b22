import { type Fit, fit, unturned } from './fit.ts';
import { type Ink, inkOf, type Stroke } from './ink.ts';
import { PICTURE, pictureOf } from './picture.ts';

/** The characters that strokes may mean, the likeliest first; none where nothing is drawn. */
export type Recognise = (strokes: readonly Stroke[], count: number) => readonly string[];

/** How many characters stay after each look, from the picture to the third turn. */
const STAYING = [300, 110, 50, 30] as const;
/** What it costs a character not to be among the 3,500 common ones. */
const RARE = 0.03;
const COMMON = 3500;
const NEWLINE = 10;

interface Character {
  readonly text: string;
  readonly ink: Ink;
  readonly handicap: number;
}

/**
 * Makes the recogniser of a model, as `image/handwriting.ts` writes it. It chooses by pictures first, then by how well the strokes can be
 * turned onto those of each character that stayed.
 */
export function recogniserOf(model: Uint8Array): Recognise {
  const characters = [...charactersIn(model)];
  const pictures = characters.map(({ ink }) => pictureOf(ink));
  return (strokes, count) => {
    const drawn = inkOf(strokes);
    if (drawn.length === 0) return [];
    const picture = pictureOf(drawn);
    const likeness = pictures.map((other) => likenessOf(picture, other));
    let staying = best(
      characters.map((character, at) => ({ character, cost: -(likeness[at] ?? 0), turn: unturned })),
      STAYING[0],
    );
    for (const most of [...STAYING.slice(1), count]) {
      staying = best(
        staying.map(({ character, turn }) => {
          const found: Fit = fit(drawn, character.ink, turn);
          return { character, cost: found.cost + character.handicap, turn: found.turn };
        }),
        most,
      );
    }
    return staying.map(({ character }) => character.text);
  };
}

function best<T extends { readonly cost: number }>(all: readonly T[], most: number): T[] {
  return all.toSorted((one, other) => one.cost - other.cost).slice(0, most);
}

function likenessOf(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < PICTURE; at += 1) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}

/**
 * Reads: a line of text that says where the model comes from; then of each character its number in Unicode (3 bytes) and the count of its
 * strokes, of each stroke the count of points, of each point x and y.
 */
function* charactersIn(model: Uint8Array): Generator<Character> {
  let at = model.indexOf(NEWLINE) + 1;
  const byte = () => {
    const value = model[at];
    if (value === undefined) throw new Error('the model of the handwriting ends in the middle of a character');
    at += 1;
    return value;
  };
  for (let place = 0; at < model.length; place += 1) {
    const text = String.fromCodePoint((byte() << 16) | (byte() << 8) | byte());
    const strokes = Array.from({ length: byte() }, () =>
      Array.from({ length: byte() }, () => [byte(), byte()] as const),
    );
    yield { text, ink: inkOf(strokes), handicap: place < COMMON ? 0 : RARE };
  }
}
