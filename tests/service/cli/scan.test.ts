import { expect, it } from 'vitest';
import { scriptHidScanner, scriptKeyboard } from '#tests/simulators/index.ts';
import { deviceAt } from './played.ts';

function device(script: typeof scriptHidScanner, text: string, command: readonly string[]) {
  return deviceAt(async (folder) => (await script(folder, text)).command, ...command);
}

const scan = (script: typeof scriptHidScanner, text: string, connection: string) =>
  device(script, text, ['scan', '--connection', connection, '--timeout', '60']);

it('reads a code from a scanner on HID-POS, and not from the keyboard that it is too', async () => {
  expect(await scan(scriptHidScanner, '社区𠮷', 'hid:0c2e:0901')).toMatchObject({
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
  expect(await scan(scriptKeyboard, `${number}\n`, 'keyboard:/dev/input/event3')).toMatchObject({
    exit: 0,
    json: { kind: 'receipt', number },
  });
});

it.each([
  [scriptHidScanner, 'hid:0c2e:0901'],
  [scriptKeyboard, 'keyboard:/dev/input/event3'],
] as const)('tells that one is there, without being told what it is: %s, %s', async (script, connection) => {
  expect(await device(script, 'none', ['status', '--connection', connection, '--timeout', '60'])).toMatchObject({
    exit: 0,
    json: { device: 'scanner', state: { state: 'ready' } },
  });
});

it('says what to plug in when there is no such keyboard', async () => {
  const command = ['scan', '--connection', 'keyboard:/dev/input/by-id/none-event-kbd', '--timeout', '1'];
  expect(await device(scriptKeyboard, 'none', command)).toMatchObject({
    exit: 1,
    json: { error: { code: 'away', detail: 'port-missing' } },
  });
});
