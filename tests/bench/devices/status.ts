/** From a change at the receipt printer, which it tells by itself over TCP, to what the driver tells its listeners. */
import { setTimeout as pause } from 'node:timers/promises';
import { openReceiptPrinter } from '#drivers/index.ts';
import { startEscPosPrinter } from '#tests/simulators/index.ts';
import { type Figure, percentile } from '../figures.ts';
import { becomes, connectionOf } from './opened.ts';

const CHANGES = 200;
/** Between two changes; it falls on another place between two looks of the driver each time. */
const REST_MS = 37;

export async function status(): Promise<readonly Figure[]> {
  const simulated = await startEscPosPrinter({ transport: 'tcp', paperMm: 80 });
  const printer = openReceiptPrinter({ connection: connectionOf(simulated.connection), paperMm: 80 });
  const taken: number[] = [];
  try {
    await becomes(printer, 'ready');
    for (let change = 0; change < CHANGES; change += 1) {
      const { promise, resolve } = Promise.withResolvers<string>();
      const off = printer.onState((state) => resolve(state.state));
      const began = performance.now();
      simulated.coverOpen();
      const told = await promise;
      taken.push(performance.now() - began);
      off();
      if (told !== 'blocked') throw new Error(`an open cover was told as ${told}`);
      simulated.coverClosed();
      await becomes(printer, 'ready');
      await pause(REST_MS);
    }
  } finally {
    await printer.close();
    await simulated.close();
  }
  return [
    { name: 'cover opened until it is told, p95', unit: 'ms', ours: percentile(taken, 0.95), floor: null, goal: 100 },
  ];
}
