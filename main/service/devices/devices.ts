import type { Configuration } from '#contract/configuration.ts';
import { type Connection, parseConnection } from '#contract/connection.ts';
import type { CameraState, PrinterState, ReaderState, ScannerState } from '#contract/devices.ts';
import { unreachable } from '#contract/result.ts';
import {
  type Camera,
  type DocumentPrinter,
  type IdCardReader,
  openCamera,
  openDocumentPrinter,
  openIdCardReader,
  openReceiptPrinter,
  openScanner,
  type ReceiptPrinter,
  type Scanner,
} from '#drivers/index.ts';
import type { Log } from '../log/log.ts';
import type { Timers } from '../time/clock.ts';

export interface OpenDevices {
  readonly idCard: IdCardReader;
  readonly receiptPrinter: ReceiptPrinter;
  readonly documentPrinter: DocumentPrinter;
  /** Where the terminal has one. */
  readonly scanner?: Scanner;
  readonly camera?: Camera;
}

/** The devices' states as every screen shows them. */
export interface DeviceStates {
  readonly idCard: ReaderState;
  readonly receiptPrinter: PrinterState;
  readonly documentPrinter: PrinterState;
  readonly scanner?: ScannerState;
  readonly camera?: CameraState;
}

/** Opens the drivers that `terminal.yaml` names. A device that is not there yet is looked for by its driver. */
export function openDevices(given: Configuration['devices'], o: { timers: Timers; log: Log }): OpenDevices {
  const shared = { timers: o.timers, log: (event: object) => o.log.info(event) };
  return {
    idCard: openIdCardReader({
      connection: connectionOf(given.idCard),
      photoDecoder: given.idCard.photoDecoder,
      ...shared,
    }),
    receiptPrinter: openReceiptPrinter({
      connection: connectionOf(given.receiptPrinter),
      paperMm: given.receiptPrinter.paperMm,
      characters: given.receiptPrinter.characters,
      ...shared,
    }),
    documentPrinter: openDocumentPrinter({ connection: connectionOf(given.documentPrinter), ...shared }),
    ...(given.scanner && { scanner: openScanner({ connection: connectionOf(given.scanner), ...shared }) }),
    ...(given.camera && { camera: openCamera({ connection: connectionOf(given.camera), ...shared }) }),
  };
}

/** The configuration's schema has parsed it before. */
export function connectionOf({ connection }: { connection: string }): Connection {
  const parsed = parseConnection(connection);
  if (!parsed.ok) throw new Error(parsed.error.remedy);
  return parsed.value;
}

/** Watches the devices. */
export class DeviceWatch {
  readonly #devices: OpenDevices;

  constructor(devices: OpenDevices) {
    this.#devices = devices;
  }

  get states(): DeviceStates {
    const { idCard, receiptPrinter, documentPrinter, scanner, camera } = this.#devices;
    return {
      idCard: idCard.state,
      receiptPrinter: receiptPrinter.state,
      documentPrinter: documentPrinter.state,
      ...(scanner && { scanner: scanner.state }),
      ...(camera && { camera: camera.state }),
    };
  }

  onChange(listener: () => void): void {
    const { scanner, camera, ...others } = this.#devices;
    for (const device of Object.values(others)) device.onState(listener);
    scanner?.onState(listener);
    camera?.onState(listener);
  }

  /** For the heartbeat (R36): one word a device. */
  get summary(): Record<string, string> {
    const { idCard, receiptPrinter, documentPrinter, scanner, camera } = this.states;
    return {
      idCard: idCard.state,
      receiptPrinter: wordOf(receiptPrinter),
      documentPrinter: wordOf(documentPrinter),
      ...(scanner && { scanner: scanner.state }),
      ...(camera && { camera: camera.state }),
    };
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#devices).map((device: { close(): Promise<void> }) => device.close()));
  }
}

function wordOf(state: PrinterState): string {
  switch (state.state) {
    case 'away':
    case 'printing':
      return state.state;
    case 'ready':
      return state.low.length > 0 ? `low-${state.low.join('-')}` : 'ready';
    case 'blocked':
      return state.problem;
    default:
      return unreachable(state);
  }
}
