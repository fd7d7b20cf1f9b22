import { systemTimers, type Timers } from '../common/port.ts';
import { connectionOf, recorded, replayed, type TrafficLine } from '../common/traffic.ts';
import { connectTo } from '../common/transport.ts';
import { ScanConcealer } from './conceal.ts';
import { SerialScanner } from './device.ts';
import type { Scanner, ScannerOptions } from './port.ts';

/** Opens a scanner; it connects, and connects again when it was away, by itself until it is closed. */
export function openScanner(options: ScannerOptions): Scanner {
  const { connection, record } = options;
  const connect = connectTo(connection);
  const way = record ? recorded('scanner', connect, () => new ScanConcealer(), record) : connect;
  return new SerialScanner(way, options);
}

/** A scanner as a recording has it, for who looks into a trouble afterwards. */
export function replayScanner(lines: readonly TrafficLine[], timers: Timers = systemTimers()): Scanner {
  return new SerialScanner(replayed(lines, timers), { connection: connectionOf(lines), timers });
}
