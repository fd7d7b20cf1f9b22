import { connectTo } from '../common/transport.ts';
import { EscPosPrinter } from './device.ts';
import type { ReceiptPrinter, ReceiptPrinterOptions } from './port.ts';

/** Opens a printer; it connects, and connects again when it was away, by itself until it is closed. */
export function openReceiptPrinter(options: ReceiptPrinterOptions): ReceiptPrinter {
  return new EscPosPrinter(connectTo(options.connection), options);
}
