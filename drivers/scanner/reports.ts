import { Payload, type ScanDecoder } from './payload.ts';
import { AIM_FLAG, HID_POS } from './protocol.ts';

/**
 * Scans in reports. A report that says more than it can hold, or one within a scan that is none, makes the scan unreadable: it is dropped
 * up to its last report, so that no part of a scan is ever told as a whole one. A silence ends nothing for the same reason.
 */
export class ReportDecoder implements ScanDecoder {
  readonly #payload = new Payload();
  /** Which symbology the scan has that has begun. */
  #aim = '';

  get within(): boolean {
    return this.#payload.within;
  }

  push(report: Uint8Array): string[] {
    const { report: number, at, dataMax } = HID_POS;
    // What other reports of the interface say is nothing scanned.
    if (report[0] !== number) return [];
    const [length, more] = [report[at.length], report[at.more]];
    if (report[at.aim] !== AIM_FLAG || length === undefined || more === undefined) {
      this.drop();
      return [];
    }
    this.#follow(report);
    if (length > dataMax) this.#payload.spoil();
    else for (const byte of report.subarray(at.data, at.data + length)) this.#payload.add(byte);
    if (more !== 0) return [];
    const text = this.#payload.end();
    return text === undefined ? [] : [text];
  }

  flush(): undefined {
    this.drop();
  }

  drop(): void {
    this.#payload.drop();
  }

  clear(): void {
    this.#payload.clear();
  }

  /** A report of another symbology is of another scan: the end of the one before was lost. */
  #follow(report: Uint8Array): void {
    const { at, aimBytes } = HID_POS;
    const aim = String.fromCharCode(...report.subarray(at.aim, at.aim + aimBytes));
    if (aim !== this.#aim) this.clear();
    this.#aim = aim;
  }
}
