import type { Connection } from '#contract/connection.ts';
import type { Scan, ScannerState } from '#contract/devices.ts';
import type { Sensitive } from '#contract/sensitive.ts';
import type { Device, DriverOptions } from '../common/port.ts';
import type { Recordable } from '../common/traffic.ts';

/**
 * A barcode and QR scanner on a serial line or behind TCP, on HID-POS, or one that types (devices.md, section 4). It is `ready` as long as
 * its port is open.
 */
export interface Scanner extends Device<ScannerState> {
  /**
   * Hears every scan that begins while somebody listens; one from before is not kept. Each listener may wipe what it is given.
   * The answer stops it.
   */
  onScan(listener: (scan: Sensitive<Scan>) => void): () => void;
}

export interface ScannerOptions extends DriverOptions, Recordable {
  /** A serial rate of `auto` is 9600 baud: the true one can't be found out. */
  readonly connection: Connection;
}
