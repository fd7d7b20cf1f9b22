import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Receipt } from '#contract/devices.ts';
import { openUsbPrinter, usbPrinterTrouble } from '#drivers/common/usb-printer.ts';
import { openReceiptPrinter } from '#drivers/index.ts';
import { startEscPosPrinter } from '#tests/simulators/index.ts';

/** A raw pseudo-terminal: like the kernel's file of a printer, it is opened by name, and read and written without waiting. */
async function printer() {
  const slip = await startEscPosPrinter({ transport: 'pty', paperMm: 80 });
  onTestFinished(() => slip.close());
  const path = slip.connection.replace(/^serial:/, '').replace(/\?.*/, '');
  await promisify(execFile)('stty', ['-F', path, 'raw', '-echo']);
  return { slip, path };
}

describe('a printer behind the kernel’s file', () => {
  it('prints, confirms, and says when its cover is open', async () => {
    const { slip, path } = await printer();
    const driver = openReceiptPrinter({ connection: { by: 'lp', path }, paperMm: 80 });
    onTestFinished(() => driver.close());
    await expect.poll(() => driver.state.state).toBe('ready');
    const long = Array.from({ length: 400 }, (_, i) => ({ line: 'text', text: `第${i}行：天津市社区一窗` }));
    expect(await driver.print(Receipt.parse({ lines: long }))).toEqual({ outcome: 'confirmed' });
    await expect.poll(() => slip.papers[0]?.text).toContain('第399行');
    slip.coverOpen();
    await expect.poll(() => driver.state).toMatchObject({ state: 'blocked', problem: 'cover-open' });
  });

  it('is away when it is unplugged, and prints when it is back', async () => {
    const { slip, path } = await printer();
    const driver = openReceiptPrinter({ connection: { by: 'lp', path }, paperMm: 80 });
    onTestFinished(() => driver.close());
    await expect.poll(() => driver.state.state).toBe('ready');
    await slip.unplug();
    await expect.poll(() => driver.state).toMatchObject({ state: 'away' });
    await slip.plug();
    await expect.poll(() => driver.state.state).toBe('ready');
  });

  it('tells of its end once, also to who listens late, and is closed twice without harm', async () => {
    const { path } = await printer();
    const opened = await openUsbPrinter(path);
    if (!opened.ok) throw new Error(opened.error.why);
    const { value: transport } = opened;
    await Promise.all([transport.close(), transport.close()]);
    transport.write(Uint8Array.of(1));
    let told = 0;
    transport.onClose(() => {
      told += 1;
    });
    expect(told).toBe(1);
  });

  it.each([
    ['EACCES', 'port-denied', 'SUBSYSTEM=="usbmisc"'],
    ['EBUSY', 'port-busy', 'end the other program'],
    ['ENODEV', 'port-missing', 'plug in'],
  ])('says what to do about %s', (code, why, remedy) => {
    expect(usbPrinterTrouble('/dev/usb/lp0', code)).toMatchObject({ why, remedy: expect.stringContaining(remedy) });
  });

  it('says what keeps it from being opened', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'yc-lp-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    expect(await openUsbPrinter(join(folder, 'lp0'))).toMatchObject({
      error: { why: 'port-missing', detail: 'ENOENT' },
    });
    expect(await openUsbPrinter(folder)).toMatchObject({ error: { why: 'port-failed', detail: 'EISDIR' } });
    await writeFile(join(folder, 'file'), '');
    expect(await openUsbPrinter(join(folder, 'file', 'lp0'))).toMatchObject({ error: { why: 'port-failed' } });
  });
});
