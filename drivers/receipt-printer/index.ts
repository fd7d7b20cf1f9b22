import { recorded } from '../common/traffic.ts';
import { connectTo } from '../common/transport.ts';
import { ReceiptConcealer } from './conceal.ts';
import { EscPosPrinter } from './device.ts';
import type { ReceiptPrinter, ReceiptPrinterOptions } from './port.ts';

/** Opens a printer; it connects, and connects again when it was away, by itself until it is closed. */
export function openReceiptPrinter(options: ReceiptPrinterOptions): ReceiptPrinter {
  const { connection, record } = options;
  const connect = connectTo(connection);
  const way = record ? recorded('receipt-printer', connect, () => new ReceiptConcealer(), record) : connect;
  return new EscPosPrinter(way, options);
}
