import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { scriptHidScanner, scriptKeyboard } from '#tests/simulators/index.ts';
import { CLI } from './run.ts';

/** Runs the command where the kernel shows the scanner, as umockdev plays it. */
async function device(script: typeof scriptHidScanner, text: string, command: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'yc-scan-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [program = '', ...args] = (await script(folder, text)).command;
  return new Promise<{ exit: number | string | null; json: unknown }>((done) => {
    execFile(program, [...args, process.execPath, CLI, 'device', ...command], (error, stdout) => {
      done({ exit: error ? (error.code ?? null) : 0, json: JSON.parse(stdout) });
    });
  });
}

const scan = (script: typeof scriptHidScanner, text: string, connection: string) =>
  device(script, text, ['scan', '--connection', connection, '--timeout', '60']);

it('reads a code from a scanner on HID-POS, and not from the keyboard that it is too', async () => {
  expect(await scan(scriptHidScanner, '社区𠮷', 'hid:0c2e:0901')).toEqual({
    exit: 0,
    json: { kind: 'text', text: '社区𠮷' },
  });
});

it('lists a scanner on HID-POS as one', async () => {
  const { json } = await device(scriptHidScanner, 'none', ['list']);
  const listed = { connection: 'hid:0c2e:0901?serial=A-1', says: 'Example Scanner', kind: 'hid-scanner' };
  expect(json).toContainEqual(listed);
});

it('reads a code from a scanner that types', async () => {
  const number = '120103-000100-261123-0001-X';
  expect(await scan(scriptKeyboard, `${number}\n`, 'keyboard:/dev/input/event3')).toEqual({
    exit: 0,
    json: { kind: 'receipt', number },
  });
});

it('says what to plug in when there is no such keyboard', async () => {
  const command = ['scan', '--connection', 'keyboard:/dev/input/by-id/none-event-kbd', '--timeout', '1'];
  expect(await device(scriptKeyboard, 'none', command)).toMatchObject({
    exit: 1,
    json: { error: { code: 'away', detail: 'port-missing' } },
  });
});
