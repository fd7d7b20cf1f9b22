/** Simulated devices and a simulated network, written from the protocol sheet alone; they know no driver. */
export { type Cameras, type SimulatedCamera, simulateCameras } from './camera/cameras.ts';
export { scriptCamera } from './camera/script.ts';
export { type CupsQueue, startCups } from './document-printer/cups.ts';
export { type IppPrinter, startIppPrinter } from './document-printer/printer.ts';
export type { SimulatedCard } from './id-card/cards.ts';
export { Sw3 } from './id-card/faults.ts';
export { type HidReader, scriptHidReader } from './id-card/hid.ts';
export {
  syntheticForeign2017,
  syntheticForeign2023,
  syntheticPermit,
  syntheticResident,
  withCheckDigit,
} from './id-card/people.ts';
export { type SamReader, startSamReader } from './id-card/reader.ts';
export { type BulkFault, type BulkLayout, scriptBulkReader } from './id-card/usb.ts';
export { people } from './people.ts';
export { type Simulated, startSimulator } from './process/remote.ts';
export { type EscPosPrinter, startEscPosPrinter } from './receipt-printer/printer.ts';
export { posReports, scriptHidScanner } from './scanner/hid.ts';
export { inputEvent, type KeyEvent, keyEvents, keysOf, scriptKeyboard } from './scanner/keyboard.ts';
export { type Scanner, startScanner } from './scanner/scanner.ts';
