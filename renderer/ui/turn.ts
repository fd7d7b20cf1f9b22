import { useSyncExternalStore } from 'react';

const query = '(orientation: landscape)';

/** Whether the picture is wider than high: a column more. */
export function useLandscape(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', changed);
      return () => media.removeEventListener('change', changed);
    },
    () => window.matchMedia(query).matches,
  );
}
