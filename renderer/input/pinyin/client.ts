import { startWorker } from '../worker.ts';
import type { Answers, Question } from './messages.ts';

/** The engine in its worker: it never holds up a touch. */
class PinyinClient {
  readonly #ask = startWorker<Question, never>('pinyin');

  constructor() {
    void this.ask({ ask: 'open', dictionary: new URL('pinyin.txt', document.baseURI).href });
  }

  ask<Q extends Question>(question: Q): Promise<Answers[Q['ask']]> {
    return this.#ask(question);
  }
}

let client: PinyinClient | undefined;

/** The engine, started when it is first asked for. */
export function pinyin(): PinyinClient {
  client ??= new PinyinClient();
  return client;
}
