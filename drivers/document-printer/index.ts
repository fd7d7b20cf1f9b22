import { systemTimers } from '../common/port.ts';
import { askOf, IppPrinter } from './device.ts';
import type { DocumentPrinter, DocumentPrinterOptions } from './port.ts';

/** Opens a printer; it is asked, and asked again when it was away, until it is closed. */
export function openDocumentPrinter(options: DocumentPrinterOptions): DocumentPrinter {
  return new IppPrinter(askOf(options, options.timers ?? systemTimers()), options);
}
