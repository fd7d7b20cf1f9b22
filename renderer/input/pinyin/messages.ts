import type { Candidate } from './engine.ts';
import { type FieldKind, Pinyin } from './pinyin.ts';

/** What the screen asks the engine's worker; the first question names the dictionary. */
export type Question =
  | { readonly ask: 'open'; readonly dictionary: string }
  | { readonly ask: 'learn'; readonly titles: readonly string[] }
  | { readonly ask: 'candidates'; readonly typed: string; readonly field: FieldKind };

/** What each question is answered; nothing, where there is no dictionary. */
export interface Answers {
  readonly open: null;
  readonly learn: readonly (readonly string[])[];
  readonly candidates: readonly Candidate[];
}

/** A function that answers questions in turn, over one dictionary. */
export function answering(): (question: Question) => Promise<Answers[Question['ask']]> {
  let pinyin: Promise<Pinyin | null> = Promise.resolve(null);
  return async (question) => {
    switch (question.ask) {
      case 'open':
        pinyin = open(question.dictionary);
        return null;
      case 'learn':
        return (await pinyin)?.learn(question.titles) ?? [];
      case 'candidates':
        return (await pinyin)?.candidates(question.typed, question.field) ?? [];
    }
  };
}

async function open(dictionary: string): Promise<Pinyin | null> {
  const answer = await fetch(dictionary).catch(() => null);
  return answer?.ok === true ? new Pinyin(await answer.text()) : null;
}
