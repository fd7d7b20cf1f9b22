import { type Recognise, recogniserOf } from '#renderer/input/handwriting/recogniser.ts';
import { handwritingModel, type Level, levelOf, mediansOf } from '../../../image/handwriting.ts';
import { distorted, type Kind } from './distortions.ts';

/** One character as it was written, and what came of it. */
export interface Trial {
  readonly character: string;
  /** Its place among the eight answers, from 0; -1 where it is not among them. */
  readonly place: number;
  readonly ms: number;
}

/** How many of a hundred trials put the character among the first `most`. */
export function share(trials: readonly Trial[], most: number): number {
  return (100 * trials.filter(({ place }) => place >= 0 && place < most).length) / trials.length;
}

/** The recogniser over the model that a terminal has. */
export async function trainedRecogniser(): Promise<Recognise> {
  return recogniserOf(await handwritingModel());
}

/** Writes a character once, badly, and asks for eight candidates. */
export async function tried(recognise: Recognise, character: string, kind: Kind, seed: number): Promise<Trial> {
  const strokes = distorted((await mediansOf(character)) ?? [], kind, seed);
  const begun = performance.now();
  const answers = recognise(strokes, 8);
  return { character, place: answers.indexOf(character), ms: performance.now() - begun };
}

/** Every n-th of a level's characters, so that there are about `count`. */
export function spread(level: Level, count: number): string[] {
  const all = levelOf(level);
  return Array.from({ length: count }, (_, at) => all[Math.floor((at * all.length) / count)] ?? '');
}
