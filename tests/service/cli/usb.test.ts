import { expect, it } from 'vitest';
import { type BulkFault, type BulkLayout, scriptBulkReader, syntheticResident } from '#tests/simulators/index.ts';
import { deviceAt } from './played.ts';

function run(layout: BulkLayout, fault: BulkFault, ...wanted: readonly string[]) {
  const card = syntheticResident();
  return deviceAt(async (folder) => (await scriptBulkReader(folder, layout, card, fault)).command, ...wanted);
}

const READ = ['read-card', '--timeout', '60', '--connection'];
const CARD = { exit: 0, json: { kind: 'resident', name: '王秀英' } };

it('reads a card from a reader with endpoints for header and rest', async () => {
  expect(await run('header-and-rest', 'none', ...READ, 'usb:0400:c35a')).toMatchObject(CARD);
});

it('reads a card from a reader that takes whole frames, named by its serial number too', async () => {
  expect(await run('whole', 'none', ...READ, 'usb:0400:c35a?serial=A-1')).toMatchObject(CARD);
});

it.each(['header-and-rest', 'whole'] as const)('reads a card although an endpoint halts: %s', async (layout) => {
  expect(await run(layout, 'halts', ...READ, 'usb:0400:c35a')).toMatchObject(CARD);
});

it('reads a card although the cable was out for a moment', async () => {
  expect(await run('header-and-rest', 'unplugged', ...READ, 'usb:0400:c35a')).toMatchObject(CARD);
});

it('lists the reader, and says that it is well', async () => {
  const connection = 'usb:0400:c35a?serial=A-1';
  const listed = await run('whole', 'none', 'list');
  expect(listed.json).toContainEqual({ connection, says: 'Example Reader', kind: 'usb-reader' });
  const status = await run('whole', 'none', 'status', '--connection', connection);
  expect(status).toMatchObject({ exit: 0, json: { device: 'id-card', state: { state: 'ready' } } });
});

it('says what to plug in when there is no such reader', async () => {
  const read = await run('whole', 'none', ...READ, 'usb:0400:c35a?serial=B-2');
  expect(read.json).toMatchObject({ error: { code: 'away', detail: 'device-missing' } });
  expect(read.exit).toBe(1);
});
