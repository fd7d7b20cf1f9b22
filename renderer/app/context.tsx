import { createContext, type ReactNode, use, useCallback, useMemo, useState, useSyncExternalStore } from 'react';
import type { Bridge, CallInput, CallName } from '#contract/calls.ts';
import type { Display, Step } from '#contract/visit.ts';
import type { Picture, ScreenStore } from './store.ts';

/** Makes a call; what it changes comes back in a snapshot. */
export type Call = <N extends CallName>(name: N, input: CallInput<N>) => void;

interface Surroundings {
  readonly call: Call;
  readonly clock: () => Date;
  readonly now: () => number;
  /** A call that was not taken although the screen offered it, until the next one. */
  readonly failed: boolean;
  readonly forgetFailure: () => void;
  readonly developmentRuntime: boolean;
}

const SurroundingsContext = createContext<Surroundings | null>(null);

interface ProviderProps {
  readonly bridge: Bridge;
  readonly clock: () => Date;
  readonly now: () => number;
  readonly children: ReactNode;
}

/** Gives the screens the bridge and the clock. */
export function SurroundingsProvider({ bridge, clock, now, children }: ProviderProps) {
  const [failed, setFailed] = useState(false);
  const value = useMemo<Surroundings>(() => {
    const call: Call = (name, input) => {
      setFailed(false);
      bridge.call(name, input).then(
        // `not-now` is a second touch that came while the first was still on its way: the next snapshot says it all.
        (answer) => setFailed(!answer.ok && answer.error.code !== 'not-now'),
        () => setFailed(true),
      );
    };
    const { developmentRuntime } = bridge;
    return { call, clock, now, failed, forgetFailure: () => setFailed(false), developmentRuntime };
  }, [bridge, clock, now, failed]);
  return <SurroundingsContext value={value}>{children}</SurroundingsContext>;
}

/** The call, the clock and the runtime. */
export function useSurroundings(): Surroundings {
  const value = use(SurroundingsContext);
  if (value === null) throw new Error('a screen stands outside its surroundings');
  return value;
}

export function useCall(): Call {
  return useSurroundings().call;
}

/** Changes how the screen shows itself. */
export type Show = (change: Partial<Display>) => void;

/** @param at where the visit stands: whoever changes something on the page that invites has begun. */
export function useShow(at: Step['at']): Show {
  const { call } = useSurroundings();
  return useCallback(
    (change) => (at === 'attract' ? call('visit.begin', { display: change }) : call('visit.display', change)),
    [at, call],
  );
}

/** What the screens are drawn from now. */
export function usePicture(store: ScreenStore): Picture {
  return useSyncExternalStore(store.subscribe, store.picture);
}
