import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isAlive } from '#tests/stand/process.ts';
import { getPrinterAttributes } from './document-printer/ipp.ts';
import { bytesOf, connectHost } from './host.ts';
import { type Simulated, startSimulator, syntheticResident } from './index.ts';
import type { Kind, OptionsOf } from './process/kinds.ts';

const FIND = 'AA AA AA 96 69 00 03 20 01 22';
const FOUND = 'AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97';
const SLIP = bytesOf('1B 40 41 0A 1D 56 00');

async function start<K extends Kind>(kind: K, options: OptionsOf<K>): Promise<Simulated<K>> {
  const device = await startSimulator(kind, options);
  onTestFinished(async () => {
    await device.close();
  });
  return device;
}

async function die(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => isAlive(pid)).toBe(false);
}

describe('a device in a process of its own', () => {
  it('does what it is asked before it says so, and tells its state', async () => {
    const reader = await start('ID-card reader', { transport: 'tcp' });
    expect(reader.pid).not.toBe(process.pid);
    expect([reader.cardLies, reader.plugged, reader.requests]).toEqual([false, true, []]);
    await reader.layCard(syntheticResident());
    expect(reader.cardLies).toBe(true);
    const host = await connectHost(reader.connection);
    host.send(FIND);
    expect(await host.next(15)).toBe(FOUND);
    await expect.poll(() => reader.replies.map(({ request }) => request)).toEqual(['20 01']);
    const [reply] = reader.replies;
    expect(Math.abs((reply?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    await reader.unplug();
    expect(reader.plugged).toBe(false);
    host.close();
  });

  it('tells what a host made of it, in the order in which it came', async () => {
    const printer = await start('receipt printer', { transport: 'tcp', paperMm: 58 });
    const host = await connectHost(printer.connection);
    for (let slips = 1; slips <= 3; slips += 1) {
      host.send(SLIP);
      await expect.poll(() => printer.papers.length).toBe(slips);
    }
    expect(printer.papers.map(({ text, ended }) => `${text} ${ended}`)).toEqual(['A cut', 'A cut', 'A cut']);
    expect(
      Buffer.from(printer.papers[2]?.bytes ?? [])
        .subarray(-2)
        .toString(),
    ).toBe('A\n');
    expect(printer.papersWaiting).toBe(3);
    await printer.takePaper();
    expect(printer.papersWaiting).toBe(0);
    host.close();
  });

  it('has its faults, and bytes go to it as they are', async () => {
    const scanner = await start('scanner', { transport: 'tcp', suffix: '\r' });
    const host = await connectHost(scanner.connection);
    await expect.poll(() => scanner.hosts).toBe(1);
    await scanner.faults.loseScans('next');
    await scanner.scan('lost');
    await scanner.scan(Uint8Array.of(0xc9, 0xe7));
    expect(await host.next(3)).toBe('C9 E7 0D');
    host.close();
  });

  it('gives an error with its own message, and goes on', async () => {
    const reader = await start('ID-card reader', { transport: 'tcp' });
    const long = syntheticResident({ name: '一'.repeat(16) });
    await expect(reader.layCard(long)).rejects.toThrow(new RangeError('a text of 16 units for a place of 15'));
    await reader.layCard(syntheticResident());
    expect(reader.cardLies).toBe(true);
  });

  it('that can’t start says why, and leaves no process', async () => {
    const taken = await start('scanner', { transport: 'tcp', suffix: '' });
    const port = Number(taken.connection.split(':')[2]);
    await expect(startSimulator('scanner', { transport: 'tcp', suffix: '', port })).rejects.toThrow('EADDRINUSE');
  });
});

describe('a process that dies', () => {
  it('takes its device from the terminal, and every later verb names both', async () => {
    const printer = await start('receipt printer', { transport: 'tcp', paperMm: 80 });
    const host = await connectHost(printer.connection);
    const asked = printer.drawPaper(0, '/nowhere.png').catch(() => undefined);
    await die(printer.pid);
    await asked;
    await host.ended;
    await expect(connectHost(printer.connection)).rejects.toThrow('ECONNREFUSED');
    await expect(printer.paperOut()).rejects.toThrow(
      'the simulated receipt printer can’t paperOut: its process ended with SIGKILL',
    );
    expect(printer.condition.paper).toBe('enough');
    await printer.close();
  });

  it('fails a verb that is under way', async () => {
    const scanner = await start('scanner', { transport: 'tcp', suffix: '\r' });
    await scanner.faults.slowBytes(60_000);
    const scan = scanner.scan('AB');
    const failed = expect(scan).rejects.toThrow('the simulated scanner can’t scan: its process ended with SIGKILL');
    await die(scanner.pid);
    await failed;
  });

  it('takes its pseudo-terminal and its programs with it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'died-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const reader = await start('ID-card reader', { transport: 'pty' });
    const printer = await start('document printer', { folder });
    const device = /^serial:(.*)\?/.exec(reader.connection)?.[1] ?? '';
    expect(existsSync(device)).toBe(true);
    await Promise.all([die(reader.pid), die(printer.pid)]);
    // The name is a link to a terminal that is gone with socat.
    await expect.poll(() => existsSync(device)).toBe(false);
    await expect
      .poll(() =>
        getPrinterAttributes(printer.connection).then(
          () => 'answers',
          () => 'gone',
        ),
      )
      .toBe('gone');
    await expect(printer.papers()).rejects.toThrow('the simulated document printer can’t papers');
  });

  it('because its owner was killed closes its device in order', async () => {
    const owner = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { startSimulator } from '#tests/simulators/index.ts';
         const { pid, connection } = await startSimulator('ID-card reader', { transport: 'pty' });
         console.log(JSON.stringify({ pid, connection }));`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = await once(createInterface({ input: owner.stdout }), 'line');
    const { pid, connection } = JSON.parse(String(line)) as { pid: number; connection: string };
    expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).toContain('ID-card reader');
    const folder = dirname(/^serial:(.*)\?/.exec(connection)?.[1] ?? '');
    expect(existsSync(folder)).toBe(true);
    owner.kill('SIGKILL');
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  });
});
