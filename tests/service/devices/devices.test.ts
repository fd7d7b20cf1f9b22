import { expect, it, onTestFinished } from 'vitest';
import { parseConnection } from '#contract/connection.ts';
import { openScanner } from '#drivers/index.ts';
import { DeviceWatch, openDevices } from '#main/service/devices/devices.ts';
import { logTo } from '#main/service/log/log.ts';
import { systemTimers } from '#main/service/time/clock.ts';
import { startScanner } from '#tests/simulators/index.ts';
import { ScriptedDocumentPrinter, ScriptedReader, ScriptedReceiptPrinter } from '../visit/devices.ts';

const away = { state: 'away', why: 'no answer', remedy: 'plug it in' } as const;

function devices() {
  const open = {
    idCard: new ScriptedReader(),
    receiptPrinter: new ScriptedReceiptPrinter(),
    documentPrinter: new ScriptedDocumentPrinter(),
  };
  return { ...open, watch: new DeviceWatch(open) };
}

it('a change of any device is heard', () => {
  const all = devices();
  let heard = 0;
  all.watch.onChange(() => {
    heard += 1;
  });
  all.idCard.state = away;
  all.receiptPrinter.state = { state: 'ready', low: ['paper'] };
  all.documentPrinter.state = { state: 'printing' };
  expect(heard).toBe(3);
  expect(all.watch.summary).toEqual({ idCard: 'away', receiptPrinter: 'low-paper', documentPrinter: 'printing' });
});

it('a scanner is told of where there is one', async () => {
  const simulated = await startScanner({ transport: 'tcp', suffix: '\r' });
  onTestFinished(() => simulated.close());
  const parsed = parseConnection(simulated.connection);
  if (!parsed.ok) throw new Error(parsed.error.remedy);
  const scanner = openScanner({ connection: parsed.value });
  const watch = new DeviceWatch({
    idCard: new ScriptedReader(),
    receiptPrinter: new ScriptedReceiptPrinter(),
    documentPrinter: new ScriptedDocumentPrinter(),
    scanner,
  });
  onTestFinished(() => watch.close());
  await expect.poll(() => watch.summary).toMatchObject({ scanner: 'ready' });
  expect(watch.states.scanner).toEqual({ state: 'ready' });
});

it('a camera is told of where terminal.yaml names one, and no item is turned away without it', async () => {
  const connection = 'tcp:127.0.0.1:1';
  const printers = { receiptPrinter: { connection, paperMm: 80, characters: 'gb2312' } } as const;
  const others = { idCard: { connection }, documentPrinter: { connection: 'ipp://127.0.0.1:1/' }, ...printers };
  const written: string[] = [];
  const shared = { timers: systemTimers(), log: logTo({ write: (line) => void written.push(line) }) };
  const open = openDevices({ ...others, camera: { connection: 'video:/dev/v4l/by-id/none' } }, shared);
  const { idCard, receiptPrinter, documentPrinter } = devices();
  const watch = new DeviceWatch({ ...open, idCard, receiptPrinter, documentPrinter });
  onTestFinished(() => Promise.all([watch.close(), new DeviceWatch(open).close()]).then(() => undefined));
  let heard = 0;
  watch.onChange(() => {
    heard += 1;
  });
  await expect.poll(() => watch.states.camera).toMatchObject({ state: 'away', why: 'port-missing' });
  expect(heard).toBeGreaterThan(0);
  expect(watch.summary).toMatchObject({ camera: 'away' });
  expect(written.join('')).toMatch(/"device":"camera","from":"away","to":"away","why":"port-missing"/);
});
