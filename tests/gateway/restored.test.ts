import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { openSqliteStore } from '#gateway/store/sqlite.ts';
import { Client } from './client.ts';
import { startGateway, testFolder } from './stand.ts';

test('terminals hear of a store that was restored by its epoch, and stay enrolled', async () => {
  const folder = testFolder();
  const before = await startGateway(folder);
  const { identity, key } = await before.newTerminal();
  const store = openSqliteStore(before.path, { newEpoch: randomUUID, missing: 'refuse' });
  await store.renewEpoch('restored');
  store.close();
  const after = await startGateway(folder);
  expect(await new Client(after.url, identity, key).cursor()).toMatchObject({ epoch: 'restored', contiguousSeq: 0 });
  expect(identity.epoch).not.toBe('restored');
});
