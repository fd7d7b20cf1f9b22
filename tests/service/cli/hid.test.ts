import { expect, it } from 'vitest';
import {
  type HidReader,
  type SimulatedCard,
  scriptHidReader,
  syntheticPermit,
  syntheticResident,
} from '#tests/simulators/index.ts';
import { deviceAt } from './played.ts';

function readCard(reader: HidReader, connection: string, card: SimulatedCard) {
  const play = async (folder: string) => (await scriptHidReader(folder, reader, card)).command;
  return deviceAt(play, 'read-card', '--connection', connection, '--timeout', '60');
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
