import type { Connection } from '#contract/connection.ts';
import { err, unreachable } from '#contract/result.ts';
import { systemTimers, type Timers } from '../common/port.ts';
import { connectionOf, recorded, replayed, type TrafficLine } from '../common/traffic.ts';
import { connectTo } from '../common/transport.ts';
import { ScanConcealer } from './conceal.ts';
import { CodeScanner, type Way } from './device.ts';
import { openHidScanner } from './hid.ts';
import { openKeyboard } from './keyboard.ts';
import { KeyDecoder } from './keys.ts';
import { onLine } from './line.ts';
import type { Scanner, ScannerOptions } from './port.ts';
import { ReportDecoder } from './reports.ts';

const FORMS = 'write serial:PATH, tcp:HOST:PORT, hid:VENDOR:PRODUCT or keyboard:PATH for a scanner';

/** Opens a scanner; it connects, and connects again when it was away, by itself until it is closed. */
export function openScanner(options: ScannerOptions): Scanner {
  return new CodeScanner(wayTo(options.connection, options.record), options);
}

/** A scanner as a recording has it, for who looks into a trouble afterwards. */
export function replayScanner(lines: readonly TrafficLine[], timers: Timers = systemTimers()): Scanner {
  const connection = connectionOf(lines);
  return new CodeScanner(onLine(replayed(lines, timers), connection), { connection, timers });
}

function wayTo(connection: Connection, record: ScannerOptions['record']): Way {
  switch (connection.by) {
    case 'serial':
    case 'tcp': {
      const connect = connectTo(connection);
      return onLine(record ? recorded('scanner', connect, () => new ScanConcealer(), record) : connect, connection);
    }
    case 'hid':
      return { open: () => openHidScanner(connection), decoder: new ReportDecoder() };
    case 'keyboard':
      return { open: () => openKeyboard(connection.path), decoder: new KeyDecoder() };
    case 'lp':
    case 'usb':
    case 'video':
    case 'ipp':
      return onLine(async () => err({ why: 'wrong-connection', remedy: FORMS }), connection);
    default:
      return unreachable(connection);
  }
}
