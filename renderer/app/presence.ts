import { useEffect, useRef } from 'react';
import { useSurroundings } from './context.tsx';

const EVERY_MS = 10_000;

/** Writing and signing make no calls, but somebody is there: touches tell the service so, a few times a minute. */
export function usePresence(running: boolean): void {
  const { call, now } = useSurroundings();
  const told = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (!running) return undefined;
    const tell = () => {
      if (now() - told.current < EVERY_MS) return;
      told.current = now();
      call('visit.touch', {});
    };
    const events = ['pointerup', 'keyup'] as const;
    for (const event of events) window.addEventListener(event, tell);
    return () => {
      for (const event of events) window.removeEventListener(event, tell);
    };
  }, [running, call, now]);
}
