/** Opens the drivers of the connections given, and tells its parent the share of one processor that they cost, in per cent. */
import { setTimeout as pause } from 'node:timers/promises';
import { openDocumentPrinter, openIdCardReader, openReceiptPrinter } from '#drivers/index.ts';
import { becomes, connectionOf } from './opened.ts';

/** Until what loading left to do is done, and how long is watched then. */
const REST_MS = 5_000;
const WATCH_MS = 30_000;

const [reader = '', receipts = '', documents = ''] = process.argv.slice(2);
const devices = [
  openIdCardReader({ connection: connectionOf(reader) }),
  openReceiptPrinter({ connection: connectionOf(receipts), paperMm: 80 }),
  openDocumentPrinter({ connection: connectionOf(documents) }),
];
for (const device of devices) await becomes(device, 'ready');
await pause(REST_MS);
const before = process.cpuUsage();
const began = performance.now();
await pause(WATCH_MS);
const { user, system } = process.cpuUsage(before);
const tookMs = performance.now() - began;
for (const device of devices) if (device.state.state !== 'ready') throw new Error(JSON.stringify(device.state));
process.send?.((user + system) / 10 / tookMs);
