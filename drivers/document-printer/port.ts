import type { Connection } from '#contract/connection.ts';
import type { PrinterState, PrintOutcome } from '#contract/devices.ts';
import type { Device, DriverOptions } from '../common/port.ts';
import type { Recordable } from '../common/traffic.ts';
import type { Supply } from './capabilities.ts';

/** A document of A4 pages. */
export interface PrintDocument {
  readonly pdf: Uint8Array;
  /** The job's name in queues and on panels: no personal data. */
  readonly name: string;
  /** How many, 1 unless given. */
  readonly copies?: number;
  /** On both sides of the paper where the printer does that by itself. */
  readonly bothSides?: boolean;
  /** Cancels the job at the printer. */
  readonly signal?: AbortSignal;
}

/**
 * An A4 printer over IPP, direct or through CUPS (devices.md, section 3). Before it is `ready`, what an earlier life of the
 * driver left unfinished in it is taken back (R25), unless it only looks.
 */
export interface DocumentPrinter extends Device<PrinterState> {
  /** Prints from memory and follows the job to its end; jobs print one after the other. */
  print(document: PrintDocument): Promise<PrintOutcome>;
  /** Toner, ink and drums as the printer tells of them; none where it tells of none or does not answer. */
  supplies(): Promise<readonly Supply[]>;
}

export interface DocumentPrinterOptions extends DriverOptions, Recordable {
  readonly connection: Connection;
  /** For who asks how the printer is while another one prints: nothing is taken back, and nothing should be printed. */
  readonly looksOnly?: boolean;
}
