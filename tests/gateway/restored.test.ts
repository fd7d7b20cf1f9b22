import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Suite } from '#contract/suite.ts';
import { openStore } from '#gateway/store/open.ts';
import { Client } from './client.ts';
import { startGateway } from './stand.ts';
import { stores } from './stores.ts';

const suites: readonly Suite[] = ['standard', 'national'];
const cases = stores.flatMap((kind) => suites.map((suite) => ({ ...kind, suite })));

test.each(cases)(
  'terminals of the $suite suite hear of a store that was restored by its epoch, and stay enrolled, on $name',
  async ({ makeStore, suite }) => {
    const kept = await makeStore();
    const before = await startGateway(async () => kept);
    const { identity, key } = await before.newTerminal('120103', suite);
    const store = await openStore(kept.address, { newEpoch: randomUUID, missing: 'refuse' });
    await store.renewEpoch('restored');
    await store.close();
    // Whoever serves it already tells it too.
    expect(await new Client(before.url, identity, key).cursor()).toMatchObject({ epoch: 'restored', contiguousSeq: 0 });
    const after = await startGateway(async () => kept);
    expect(await new Client(after.url, identity, key).cursor()).toMatchObject({ epoch: 'restored', contiguousSeq: 0 });
    expect(identity.epoch).not.toBe('restored');
  },
);
