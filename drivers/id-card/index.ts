import { connectTo } from '../common/transport.ts';
import { SamReader } from './device.ts';
import { connectHid } from './hid.ts';
import type { IdCardReader, IdCardReaderOptions } from './port.ts';

/** Opens a reader; it connects, and connects again when it was away, by itself until it is closed. */
export function openIdCardReader(options: IdCardReaderOptions): IdCardReader {
  const { connection } = options;
  return new SamReader(connection.by === 'hid' ? connectHid(connection) : connectTo(connection), options);
}
