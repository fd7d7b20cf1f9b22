import type { Stroke } from './ink.ts';
import { type Recognise, recogniserOf } from './recogniser.ts';

/** What is drawn, and where the model is. Nothing drawn only has the model loaded. */
export interface Drawn {
  readonly model: string;
  readonly strokes: readonly Stroke[];
  /** How many characters are wanted. */
  readonly count: number;
}

let recogniser: Promise<Recognise> | undefined;

async function load(model: string): Promise<Recognise> {
  const answer = await fetch(model).catch(() => null);
  return answer?.ok === true ? recogniserOf(new Uint8Array(await answer.arrayBuffer())) : () => [];
}

async function answer(number: number, { model, strokes, count }: Drawn): Promise<void> {
  recogniser ??= load(model);
  self.postMessage({ number, given: (await recogniser)(strokes, count) }, { transfer: [] });
}

self.addEventListener('message', ({ data }: MessageEvent<{ number: number; question: Drawn }>) => {
  void answer(data.number, data.question);
});
