import { type CallAnswer, calls, isCallName, type ToService } from '#contract/calls.ts';
import { plainSize } from './plain.ts';

/** Characters and values of one input; a signature of two hundred long strokes stays below. */
const LARGEST_INPUT = 2_000_000;
/** A page that asks faster than the service answers is refused. */
const MOST_PENDING = 64;

const refused = (code: Extract<CallAnswer, { ok: false }>['error']['code']): CallAnswer => ({
  ok: false,
  error: { code },
});

/** Checks a page's calls, numbers them on their way to the service and brings the answers back. */
export class CallRouter {
  readonly #send: (message: ToService) => boolean;
  readonly #pending = new Map<number, (answer: CallAnswer) => void>();
  #lastId = 0;

  /** @param send gives a message to the service; `false` when there is none. */
  constructor(send: (message: ToService) => boolean) {
    this.#send = send;
  }

  /** Every call is answered, and none throws: what the contract does not know is refused here already. */
  call(name: unknown, input: unknown): Promise<CallAnswer> {
    if (!isCallName(name)) return Promise.resolve(refused('unknown-call'));
    if (plainSize(input, LARGEST_INPUT) === null) return Promise.resolve(refused('invalid'));
    const parsed = calls[name].safeParse(input);
    if (!parsed.success) return Promise.resolve(refused('invalid'));
    if (this.#pending.size >= MOST_PENDING) return Promise.resolve(refused('not-now'));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      if (!this.#send({ type: 'call', id, name, input: parsed.data })) this.settle(id, refused('out-of-service'));
    });
  }

  /** Hands an answer of the service to the call that waits for it; one that nobody waits for is dropped. */
  settle(id: number, answer: CallAnswer): void {
    this.#pending.get(id)?.(answer);
    this.#pending.delete(id);
  }

  /** The service is gone: whoever waits is told. */
  abandon(): void {
    for (const id of this.#pending.keys()) this.settle(id, refused('out-of-service'));
  }
}
