import { createContext, use } from 'react';
import { useLandscape } from './turn.ts';

/** Whether the person wants every control within a low reach. */
export const LowReach = createContext(false);

/** Whether controls have to lie in the lower half; a wide picture is low enough for every hand. */
export function useLowReach(): boolean {
  const landscape = useLandscape();
  return use(LowReach) && !landscape;
}
