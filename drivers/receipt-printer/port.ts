import type { Connection } from '#contract/connection.ts';
import type { PrinterState, PrintOutcome, Receipt } from '#contract/devices.ts';
import type { Device, DriverOptions } from '../common/port.ts';
import type { Recordable } from '../common/traffic.ts';
import type { CharacterSet } from './characters.ts';
import type { FontFile } from './glyphs.ts';

/** An ESC/POS receipt printer (devices.md, section 2). */
export interface ReceiptPrinter extends Device<PrinterState> {
  /**
   * Prints one receipt and cuts it; jobs print one after the other. `confirmed` only when the printer answered from behind the
   * job. A character that no font can draw is refused as `missing-glyph`. Aborting before the first byte ends as `failed`; after it, as `unknown`.
   */
  print(receipt: Receipt, signal?: AbortSignal): Promise<PrintOutcome>;
}

export interface ReceiptPrinterOptions extends DriverOptions, Recordable {
  readonly connection: Connection;
  /** Paper width in millimetres. */
  readonly paperMm: 58 | 80;
  /** What the printer's own font holds, `gb2312` unless given; any other character is drawn from `fonts`. */
  readonly characters?: CharacterSet;
  readonly fonts?: readonly FontFile[];
  /** Only looks: another process may be printing, and nothing is cleared out of the printer. */
  readonly looksOnly?: boolean;
  /** Number of the first job, 0..9999; by chance unless given, so that an answer owed to an earlier process is not taken for ours. */
  readonly firstJob?: number;
}
