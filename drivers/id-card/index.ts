import type { Connection } from '#contract/connection.ts';
import { systemTimers } from '../common/port.ts';
import { connectionOf, recorded, replayed, type TrafficLine } from '../common/traffic.ts';
import { connectTo } from '../common/transport.ts';
import type { Connect } from '../common/wire.ts';
import { SamConcealer } from './conceal.ts';
import { SamReader } from './device.ts';
import { connectHid } from './hid.ts';
import type { IdCardReader, IdCardReaderOptions } from './port.ts';
import { connectUsb } from './usb.ts';

/** Opens a reader; it connects, and connects again when it was away, by itself until it is closed. */
export function openIdCardReader(options: IdCardReaderOptions): IdCardReader {
  const { connection, record } = options;
  const connect = wayTo(connection);
  return new SamReader(record ? recorded('id-card', connect, () => new SamConcealer(), record) : connect, options);
}

function wayTo(connection: Connection): Connect {
  switch (connection.by) {
    case 'hid':
      return connectHid(connection);
    case 'usb':
      return connectUsb(connection);
    default:
      return connectTo(connection);
  }
}

/** A reader as a recording has it, for who looks into a trouble afterwards. */
export function replayIdCardReader(lines: readonly TrafficLine[]): IdCardReader {
  const timers = systemTimers();
  return new SamReader(replayed(lines, timers), { connection: connectionOf(lines), timers });
}
