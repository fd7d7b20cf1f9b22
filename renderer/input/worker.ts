// oxlint-disable-next-line import/default -- the builder makes a module of the worker's address
import handwriting from './handwriting/handwriting.worker.ts?worker&url';
// oxlint-disable-next-line import/default -- as above
import pinyin from './pinyin/pinyin.worker.ts?worker&url';

const scripts = { pinyin, handwriting } as const;

/** The name that the page's policy admits (main/shell/policy.ts). */
const POLICY = 'yichuang-worker';

interface Policy {
  createScriptURL(address: string): string;
}

declare global {
  interface Window {
    readonly trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
  }
}

/** A question for a worker and the way its answer goes. A worker answers each with its number: `{ number, given }`. */
export type Ask<Question, Answer> = (question: Question) => Promise<Answer>;

/** Starts one of our workers, so that what it thinks about never holds up a touch. */
export function startWorker<Question, Answer>(name: keyof typeof scripts): Ask<Question, Answer> {
  const worker = new Worker(ours().createScriptURL(scripts[name]), { type: 'module' });
  const waiting = new Map<number, (given: Answer) => void>();
  let asked = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<{ number: number; given: Answer }>) => {
    waiting.get(data.number)?.(data.given);
    waiting.delete(data.number);
  });
  return (question) => {
    asked += 1;
    const number = asked;
    return new Promise((resolve) => {
      waiting.set(number, resolve);
      worker.postMessage({ number, question }, []);
    });
  };
}

let policy: Policy | undefined;

/** Our scripts alone may become workers; the policy makes an address of nothing else. */
function ours(): Policy {
  const rules: Policy = {
    createScriptURL(address) {
      if (!Object.values(scripts).includes(address)) throw new TypeError('not the address of our worker');
      return address;
    },
  };
  policy ??= window.trustedTypes?.createPolicy(POLICY, rules) ?? rules;
  return policy;
}
