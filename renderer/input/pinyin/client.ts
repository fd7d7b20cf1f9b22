import type { Answers, Question } from './messages.ts';
// oxlint-disable-next-line import/default -- the builder makes a module of the worker's address
import script from './pinyin.worker.ts?worker&url';

/** The name that the page's policy admits (main/shell/policy.ts). */
const POLICY = 'yichuang-worker';

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): string };
}

declare global {
  interface Window {
    readonly trustedTypes?: Policies;
  }
}

/** The engine in its worker: it never holds up a touch. */
class PinyinClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (given: never) => void>();
  #asked = 0;

  constructor() {
    this.#worker = new Worker(ourScript(), { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<{ number: number; given: never }>) => {
      this.#waiting.get(data.number)?.(data.given);
      this.#waiting.delete(data.number);
    });
    void this.ask({ ask: 'open', dictionary: new URL('pinyin.txt', document.baseURI).href });
  }

  ask<Q extends Question>(question: Q): Promise<Answers[Q['ask']]> {
    this.#asked += 1;
    const number = this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      this.#worker.postMessage({ number, question }, []);
    });
  }
}

/** The one script that may become a worker; the policy makes an address of nothing else. */
function ourScript(): string {
  const rules = {
    createScriptURL(address: string) {
      if (address !== script) throw new TypeError('not the address of our worker');
      return address;
    },
  };
  return (window.trustedTypes?.createPolicy(POLICY, rules) ?? rules).createScriptURL(script);
}

let client: PinyinClient | undefined;

/** The engine, started when it is first asked for. */
export function pinyin(): PinyinClient {
  client ??= new PinyinClient();
  return client;
}
