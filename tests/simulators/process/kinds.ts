import type { IppPrinterOptions } from '../document-printer/printer.ts';
import type { SamReaderOptions } from '../id-card/reader.ts';
import type { NetworkCutOptions } from '../network.ts';
import type { EscPosPrinterOptions } from '../receipt-printer/printer.ts';
import type { ScannerOptions } from '../scanner/scanner.ts';

/** What can stand around a terminal as a process of its own. Each is loaded only in its own process. */
export const kinds = {
  'ID-card reader': async (o: SamReaderOptions) => (await import('../id-card/reader.ts')).startSamReader(o),
  'receipt printer': async (o: EscPosPrinterOptions) =>
    (await import('../receipt-printer/printer.ts')).startEscPosPrinter(o),
  'document printer': async (o: IppPrinterOptions) =>
    (await import('../document-printer/printer.ts')).startIppPrinter(o),
  scanner: async (o: ScannerOptions) => (await import('../scanner/scanner.ts')).startScanner(o),
  network: async (o: NetworkCutOptions) => (await import('../network.ts')).startNetworkCut(o),
} as const;

export type Kind = keyof typeof kinds;

/** What can be told to a device at its start in another process. */
export type OptionsOf<K extends Kind> = Omit<Parameters<(typeof kinds)[K]>[0], 'onChange'>;

/** The device as it is in its own process. */
export type DeviceOf<K extends Kind> = Awaited<ReturnType<(typeof kinds)[K]>>;
