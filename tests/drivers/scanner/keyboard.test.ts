import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openScanner } from '#drivers/index.ts';
import { idsOf, keyboardTrouble, openKeyboard } from '#drivers/scanner/keyboard.ts';
import { keyEvents, startScanner } from '#tests/simulators/index.ts';

const run = promisify(execFile);

async function place(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'yc-keys-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** A raw pseudo-terminal: like the kernel's file of a keyboard, it is a character device, and a read of it waits. */
async function keyboard() {
  const simulated = await startScanner({ transport: 'pty', suffix: '' });
  onTestFinished(() => simulated.close());
  const path = simulated.connection.replace(/^serial:/, '').replace(/\?.*/, '');
  await run('stty', ['-F', path, 'raw', '-echo']);
  return { simulated, path };
}

/** Programs that this process waits for keys with. */
async function readers(): Promise<number> {
  const all = await readdir('/proc');
  const stats = await Promise.all(all.map((id) => readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')));
  return stats.filter((stat) => /^\d+ \(cat\) /.test(stat) && stat.split(' ')[3] === String(process.pid)).length;
}

describe('a scanner that types', () => {
  it('is heard, and nothing waits for its keys once it is closed', async () => {
    const { simulated, path } = await keyboard();
    const scanner = openScanner({ connection: { by: 'keyboard', path } });
    const heard: unknown[] = [];
    scanner.onScan((scan) => heard.push(scan.reveal()));
    await expect.poll(() => scanner.state.state).toBe('ready');
    await simulated.scan(keyEvents('120103-000701-261125-0012-X\n'));
    await simulated.scan(keyEvents('Hello, World!\t', 2_000_000));
    await expect
      .poll(() => heard)
      .toEqual([
        { kind: 'receipt', number: '120103-000701-261125-0012-X' },
        { kind: 'text', text: 'Hello, World!' },
      ]);
    expect(await readers()).toBe(1);
    await scanner.close();
    expect(await readers()).toBe(0);
  });

  it('is away when it is unplugged, and heard when it is back', async () => {
    const { simulated, path } = await keyboard();
    const scanner = openScanner({ connection: { by: 'keyboard', path } });
    onTestFinished(() => scanner.close());
    const heard: unknown[] = [];
    scanner.onScan((scan) => heard.push(scan.reveal()));
    await expect.poll(() => scanner.state.state).toBe('ready');
    await simulated.scan(keyEvents('torn'));
    await simulated.unplug();
    await expect.poll(() => scanner.state).toMatchObject({ state: 'away' });
    await simulated.plug();
    await expect.poll(() => scanner.state.state).toBe('ready');
    await run('stty', ['-F', path, 'raw', '-echo']);
    await simulated.scan(keyEvents('whole\n', 1_000_030));
    await expect.poll(() => heard).toEqual([{ kind: 'text', text: 'whole' }]);
  });
});

describe('the file', () => {
  it('that ends is told of, also to who listens late, and is closed twice without harm', async () => {
    const opened = await openKeyboard('/dev/null');
    if (!opened.ok) throw new Error(opened.error.why);
    await new Promise<void>((done) => opened.value.onClose(done));
    await opened.value.close();
    await opened.value.close();
    await new Promise<void>((done) => opened.value.onClose(done));
  });

  it('is one of the kernel’s, or is not waited for', async () => {
    const folder = await place();
    const [file, pipe] = [join(folder, 'file'), join(folder, 'pipe')];
    await writeFile(file, 'text');
    await run('mkfifo', [pipe]);
    for (const path of [file, pipe, folder]) {
      expect(await openKeyboard(path)).toMatchObject({ error: { why: 'wrong-connection' } });
    }
    expect(await openKeyboard(join(folder, 'none'))).toMatchObject({
      error: { why: 'port-missing', remedy: expect.stringContaining('plug in'), detail: 'ENOENT' },
    });
    expect(await openKeyboard(join(file, 'none'))).toMatchObject({ error: { why: 'port-failed', detail: 'ENOTDIR' } });
  });

  it('can’t be read without the program for it', async () => {
    expect(await openKeyboard('/dev/null', ['/none', []])).toMatchObject({
      error: { why: 'program-missing', remedy: expect.stringContaining('coreutils') },
    });
  });

  it('that may not be opened names the rule to add, with the numbers that the system knows', async () => {
    const folder = await place();
    const ids = join(folder, 'class/input/event3/device/id');
    await mkdir(ids, { recursive: true });
    await writeFile(join(folder, 'event3'), '');
    await symlink('event3', join(folder, 'usb-Example-event-kbd'));
    const link = join(folder, 'usb-Example-event-kbd');
    expect(await idsOf(link, folder)).toBeNull();
    await writeFile(join(ids, 'vendor'), '0c2e\n');
    await writeFile(join(ids, 'product'), '0901\n');
    expect(keyboardTrouble(link, 'EACCES', await idsOf(link, folder))).toEqual({
      why: 'port-denied',
      remedy:
        `let the service's user open ${link}: add a udev rule SUBSYSTEM=="input", ATTRS{idVendor}=="0c2e", ` +
        'ATTRS{idProduct}=="0901", ENV{LIBINPUT_IGNORE_DEVICE}="1", GROUP="yichuang", MODE="0660"',
      detail: 'EACCES',
    });
    // Without numbers it says where they are to be had.
    expect(keyboardTrouble(link, 'EPERM', null).remedy).toMatch(/VVVV.*PPPP.*lsusb/);
    await writeFile(join(ids, 'product'), '');
    expect(await idsOf(link, folder)).toBeNull();
  });
});
