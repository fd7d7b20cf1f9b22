import { systemTimers } from '../common/port.ts';
import { askOf, IppPrinter } from './device.ts';
import type { DocumentPrinter, DocumentPrinterOptions } from './port.ts';
import { recordedAsk } from './replay.ts';

/** Opens a printer; it is asked, and asked again when it was away, until it is closed. */
export function openDocumentPrinter(options: DocumentPrinterOptions): DocumentPrinter {
  const ask = askOf(options, options.timers ?? systemTimers());
  return new IppPrinter(options.record ? recordedAsk(ask, options.record) : ask, options);
}
