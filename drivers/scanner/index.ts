import { connectTo } from '../common/transport.ts';
import { SerialScanner } from './device.ts';
import type { Scanner, ScannerOptions } from './port.ts';

/** Opens a scanner; it connects, and connects again when it was away, by itself until it is closed. */
export function openScanner(options: ScannerOptions): Scanner {
  return new SerialScanner(connectTo(options.connection), options);
}
