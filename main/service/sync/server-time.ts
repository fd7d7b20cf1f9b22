import { type Store, StoreWriteError } from '../store/store.ts';
import { ServerTime } from '../time/server-time.ts';

const KEY = 'server-offset-ms';

/** The district's clock as the store remembers it. */
export function storedServerTime(store: Store): ServerTime {
  const written = store.meta(KEY);
  return new ServerTime(written === null ? null : Number(written), (offsetMs) => {
    try {
      store.setMeta(KEY, String(offsetMs));
    } catch (error) {
      // A disk that takes nothing costs only that the offset is learned anew after the next start.
      if (!(error instanceof StoreWriteError)) throw error;
    }
  });
}
