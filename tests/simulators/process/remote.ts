import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { unreachable } from '#contract/result.ts';
import type { DeviceOf, Kind, OptionsOf } from './kinds.ts';
import type { Change, FromDevice, ToDevice } from './messages.ts';

/** A device that lives elsewhere: each verb is a promise that it was done, the rest is what the device has told last. */
type Remote<Device> = {
  readonly [Key in keyof Device]: Device[Key] extends (...given: infer Given) => infer Result
    ? (...given: Given) => Promise<Awaited<Result>>
    : Key extends 'faults'
      ? Remote<Device[Key]>
      : Device[Key];
};

/** A simulated device in a process of its own. */
export type Simulated<K extends Kind> = Remote<DeviceOf<K>> & {
  /** The number of its process; a SIGKILL is what a device that dies comes to. */
  readonly pid: number;
};

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
/** A device that is not gone by then, after its owner has let go of it, is killed. */
const CLOSE_MS = 10_000;

/**
 * Starts a simulated device in a process of its own and returns when it can be reached.
 *
 * The process ends with its owner, however that ends; an interrupt from the keyboard does not reach it before. An error of a verb
 * comes with its own message. Once the process is gone every verb but `close` fails with the device's name and the verb's.
 */
export async function startSimulator<K extends Kind>(kind: K, options: OptionsOf<K>): Promise<Simulated<K>> {
  const child = fork(CHILD, [kind, JSON.stringify(options)], {
    serialization: 'advanced',
    // A group of its own: Ctrl+C is for the owner, who then closes the devices in order.
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const owner = new Owner(kind, child);
  const device = await owner.device;
  return device as unknown as Simulated<K>;
}

interface Waiting extends PromiseWithResolvers<unknown> {
  readonly verb: string;
}

/** The owner's end of the line to one device. */
class Owner {
  readonly device: Promise<object>;
  readonly #kind: Kind;
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, Waiting>();
  readonly #gone: Promise<void>;
  readonly #state: Record<string, unknown> = {};
  #next = 0;
  #ended = '';

  constructor(kind: Kind, child: ChildProcess) {
    this.#kind = kind;
    this.#child = child;
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    this.device = promise;
    child.on('message', (message) => this.#hear(message as FromDevice, resolve, reject));
    this.#gone = this.#outlive(reject);
  }

  /** Fails whatever still waits when the process has ended. */
  async #outlive(refuse: (error: Error) => void): Promise<void> {
    const { stderr } = this.#child;
    let said = '';
    stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    // Not `close` of the child: that never comes once this side has let go of it.
    const [[code, signal]] = await Promise.all([once(this.#child, 'exit'), stderr && once(stderr, 'close')]);
    this.#ended = `its process ended with ${signal ?? code}${said && `: ${said}`}`;
    refuse(this.#failure('start'));
    for (const waiting of this.#calls.values()) waiting.reject(this.#failure(waiting.verb));
    this.#calls.clear();
  }

  #failure(verb: string): Error {
    return new Error(`the simulated ${this.#kind} can’t ${verb}: ${this.#ended}`);
  }

  #hear(message: FromDevice, ready: (device: object) => void, refuse: (error: Error) => void): void {
    switch (message.is) {
      case 'ready':
        return ready(this.#withVerbs(message.verbs));
      case 'changed':
        for (const change of message.changes) this.#note(change);
        return;
      case 'done':
        return this.#settle(message.call)?.resolve(message.result);
      case 'refused':
        if (message.call !== null) return this.#settle(message.call)?.reject(message.error);
        refuse(message.error);
        return this.#child.disconnect();
      default:
        return unreachable(message);
    }
  }

  #settle(call: number): Waiting | undefined {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    return waiting;
  }

  #note(change: Change): void {
    if ('value' in change) this.#state[change.key] = change.value;
    else {
      const list = (this.#state[change.key] ??= []);
      if (Array.isArray(list)) list.push(...change.added);
    }
  }

  #withVerbs(verbs: readonly string[]): object {
    const faults: Record<string, unknown> = {};
    for (const verb of verbs) {
      const [name, holder] = verb.startsWith('faults.') ? [verb.slice('faults.'.length), faults] : [verb, this.#state];
      holder[name] = (...given: readonly unknown[]) => this.#call(verb, given);
    }
    return Object.assign(this.#state, { pid: this.#child.pid, faults, close: () => this.#close() });
  }

  async #call(verb: string, given: readonly unknown[]): Promise<unknown> {
    if (!this.#child.connected) {
      await this.#gone;
      throw this.#failure(verb);
    }
    const call = this.#next;
    this.#next += 1;
    const waiting = { verb, ...Promise.withResolvers<unknown>() };
    this.#calls.set(call, waiting);
    // What can't be sent any more fails when the process is seen to be gone, with all that waits.
    this.#child.send({ call, verb, given } satisfies ToDevice, () => undefined);
    return waiting.promise;
  }

  async #close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const hard = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_MS);
    await this.#gone;
    clearTimeout(hard);
  }
}
