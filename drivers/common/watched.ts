import { isDeepStrictEqual } from 'node:util';
import type { DeviceEvent } from './port.ts';

/** A device's state: it tells listeners and the log of each change, and only of changes. */
export class Watched<State extends { readonly state: string }> {
  readonly #device: DeviceEvent['device'];
  readonly #log: (event: DeviceEvent) => void;
  readonly #listeners = new Set<(state: State) => void>();
  #state: State;

  constructor(device: DeviceEvent['device'], first: State, log: ((event: DeviceEvent) => void) | undefined) {
    this.#device = device;
    this.#state = first;
    this.#log = log ?? (() => undefined);
  }

  get state(): State {
    return this.#state;
  }

  /** @param detail what the device said, for the log only. */
  set(next: State, detail?: string): void {
    const from = this.#state;
    if (isDeepStrictEqual(from, next)) return;
    this.#state = next;
    const why = 'why' in next && typeof next.why === 'string' ? { why: next.why } : {};
    this.#log({
      event: 'device-state',
      device: this.#device,
      from: from.state,
      to: next.state,
      ...why,
      ...(detail === undefined ? {} : { detail }),
    });
    for (const listener of this.#listeners) listener(next);
  }

  on(listener: (state: State) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
