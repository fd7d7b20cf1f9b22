import { connectTo } from '../common/transport.ts';
import { SamReader } from './device.ts';
import type { IdCardReader, IdCardReaderOptions } from './port.ts';

/** Opens a reader; it connects, and connects again when it was away, by itself until it is closed. */
export function openIdCardReader(options: IdCardReaderOptions): IdCardReader {
  return new SamReader(connectTo(options.connection), options);
}
