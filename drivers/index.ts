/** The room's only door: the classes of device, opened by their connection. */
export { openCamera } from './camera/index.ts';
export type { Camera, CameraOptions } from './camera/port.ts';
export type { Device, DeviceEvent, DriverOptions, Timers } from './common/port.ts';
export {
  kindOf,
  RECORDED_KINDS,
  type RecordedKind,
  type ReplayedPrinter,
  readTraffic,
  type TrafficLine,
} from './common/traffic.ts';
export { openDocumentPrinter } from './document-printer/index.ts';
export type { DocumentPrinter, DocumentPrinterOptions, PrintDocument } from './document-printer/port.ts';
export { replayDocumentPrinter } from './document-printer/replay.ts';
export { openIdCardReader, replayIdCardReader } from './id-card/index.ts';
export type { Picture } from './id-card/photo.ts';
export type { IdCardReader, IdCardReaderOptions, ReadError } from './id-card/port.ts';
export { listDevices, type Plugged } from './list.ts';
export { type DeviceStatus, deviceStatus } from './probe.ts';
export { openReceiptPrinter } from './receipt-printer/index.ts';
export type { ReceiptPrinter, ReceiptPrinterOptions } from './receipt-printer/port.ts';
export { replayReceiptPrinter } from './receipt-printer/replay.ts';
export { openScanner, replayScanner } from './scanner/index.ts';
export type { Scanner, ScannerOptions } from './scanner/port.ts';
