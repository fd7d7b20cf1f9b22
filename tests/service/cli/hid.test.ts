import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import {
  type HidReader,
  type SimulatedCard,
  scriptHidReader,
  syntheticPermit,
  syntheticResident,
} from '#tests/simulators/index.ts';
import { CLI } from './run.ts';

/** Runs the command where the kernel shows the reader, as umockdev plays it. */
async function readCard(reader: HidReader, connection: string, card: SimulatedCard) {
  const folder = await mkdtemp(join(tmpdir(), 'yc-hid-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { command } = await scriptHidReader(folder, reader, card);
  const [program = '', ...args] = command;
  const wanted = [process.execPath, CLI, 'device', 'read-card', '--connection', connection, '--timeout', '60'];
  return new Promise<{ exit: number | string | null; json: unknown; stderr: string }>((done) => {
    execFile(program, [...args, ...wanted], (error, stdout, stderr) => {
      done({ exit: error ? (error.code ?? null) : 0, json: JSON.parse(stdout), stderr });
    });
  });
}

/** So long that no report begins within the blanks behind it. */
const ADDRESS = '天津市河西区示例路一百二十三号示例小区第五十六号楼七门八百零一号';

it('reads a card from a reader that wraps whole frames', async () => {
  const read = await readCard('10c4:0007', 'hid:10c4:0007', syntheticPermit({ address: ADDRESS }));
  expect(read).toMatchObject({ exit: 0, json: { kind: 'hk-macao-taiwan', name: '陈示例', address: ADDRESS } });
});

it('reads a card from a reader that sends pieces, named by its serial number too', async () => {
  const read = await readCard('0483:572b', 'hid:0483:572b?serial=A-1', syntheticResident());
  expect(read).toMatchObject({ exit: 0, json: { kind: 'resident', name: '王秀英' } });
});

it('says what to plug in when there is no such reader', async () => {
  const read = await readCard('0483:572b', 'hid:0483:572b?serial=B-2', syntheticResident());
  expect(read.json).toMatchObject({ error: { code: 'away', detail: 'device-missing' } });
  expect(read.exit).toBe(1);
});
