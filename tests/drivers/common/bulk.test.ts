import { describe, expect, it } from 'vitest';
import { bulkOf } from '#drivers/common/bulk.ts';
import { ENDED, Endpoint } from './endpoints.ts';

function device(reply = new Endpoint(0x81)) {
  const [out, second] = [new Endpoint(0x02), new Endpoint(0x06)];
  const seen = { heard: [] as string[], ends: 0, releases: 0 };
  const bulk = bulkOf([out, second], [reply], async () => {
    seen.releases += 1;
  });
  bulk.onData((bytes, from) => seen.heard.push(`${from}:${Buffer.from(bytes).toString('hex')}`));
  bulk.onClose(() => {
    seen.ends += 1;
  });
  return { bulk, out, second, reply, seen };
}

/** Lets all go on that waits for nothing. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((done) => setImmediate(done));
}

describe('bulk endpoints', () => {
  it('take pieces one after another, and give packet after packet', async () => {
    const { bulk, out, second, reply, seen } = device();
    bulk.write({ to: 0, bytes: Uint8Array.of(1) }, { to: 1, bytes: Uint8Array.of(2, 3) });
    bulk.write({ to: 0, bytes: Uint8Array.of(4) });
    await settled();
    expect([out.taken, second.taken]).toEqual([['01', '04'], ['0203']]);
    reply.give(Uint8Array.of(9, 8));
    await settled();
    reply.give(Uint8Array.of());
    await settled();
    reply.give(Uint8Array.of(7));
    await settled();
    expect(seen).toEqual({ heard: ['0:0908', '0:07'], ends: 0, releases: 0 });
    expect([bulk.outs, reply.timeouts[0], out.timeouts[0]]).toEqual([2, 0, 1_000]);
  });

  it('that nobody listens to yet lose what they give; a piece for an endpoint that isn’t there goes nowhere', async () => {
    const [out, reply] = [new Endpoint(0x02), new Endpoint(0x81)];
    const bulk = bulkOf([out], [reply], async () => undefined);
    reply.give(Uint8Array.of(1));
    bulk.write({ to: 1, bytes: Uint8Array.of(2) });
    await settled();
    const heard: number[] = [];
    bulk.onData((bytes) => heard.push(...bytes));
    reply.give(Uint8Array.of(3));
    await settled();
    expect([heard, out.taken]).toEqual([[3], []]);
    reply.fail(ENDED.gone);
    await bulk.close();
  });

  it('are overwritten where they were heard: they may be somebody’s data', async () => {
    const { bulk, reply } = device();
    let kept = new Uint8Array();
    bulk.onData((bytes) => {
      kept = bytes as Uint8Array<ArrayBuffer>;
    });
    reply.give(Uint8Array.of(5, 6));
    await settled();
    expect(Array.from(kept)).toEqual([0, 0]);
  });

  it('that halt are cleared and go on, on either side', async () => {
    const { bulk, out, reply, seen } = device();
    out.failures = [ENDED.stall, ENDED.stall];
    bulk.write({ to: 0, bytes: Uint8Array.of(1) });
    reply.fail(ENDED.stall);
    await settled();
    reply.give(Uint8Array.of(2));
    await settled();
    expect([out.taken, out.halts, reply.halts]).toEqual([['01'], 2, 1]);
    expect(seen).toEqual({ heard: ['0:02'], ends: 0, releases: 0 });
  });

  it('that halt again and again are given up', async () => {
    const { bulk, out, seen } = device();
    out.failures = Array.from({ length: 9 }, () => ENDED.stall);
    bulk.write({ to: 0, bytes: Uint8Array.of(1) });
    await settled();
    expect([out.halts, out.taken]).toEqual([3, []]);
    expect(seen).toEqual({ heard: [], ends: 1, releases: 1 });
  });

  it.each(['badly', 'not at all'] as const)('whose halt is cleared %s are given up', async (clears) => {
    const { reply, seen } = device();
    reply.clears = clears;
    reply.fail(ENDED.stall);
    await settled();
    expect(seen).toEqual({ heard: [], ends: 1, releases: 1 });
  });

  it.each([ENDED.failed, ENDED.gone])('end when a transfer ends with %s, once all of them are back', async (errno) => {
    const { bulk, out, reply, seen } = device();
    reply.fail(errno);
    await settled();
    expect(seen).toEqual({ heard: [], ends: 1, releases: 1 });
    bulk.write({ to: 0, bytes: Uint8Array.of(1) });
    await settled();
    expect([out.taken, reply.waiting]).toEqual([[], false]);
  });

  it.each([ENDED.timedOut, 'refused'] as const)('end when a question can’t be sent: %s', async (failure) => {
    const { bulk, out, second, reply, seen } = device();
    out.failures = [failure];
    bulk.write({ to: 0, bytes: Uint8Array.of(1) }, { to: 1, bytes: Uint8Array.of(2) });
    await settled();
    expect([second.taken, reply.waiting]).toEqual([[], false]);
    expect(seen).toEqual({ heard: [], ends: 1, releases: 1 });
  });

  it('of a device that was unplugged end once, though none of the other transfers can be taken back', async () => {
    const [out, header, rest] = [new Endpoint(0x02), new Endpoint(0x81), new Endpoint(0x85)];
    const seen = { ends: 0, releases: 0 };
    const bulk = bulkOf([out], [header, rest], async () => {
      seen.releases += 1;
    });
    bulk.onClose(() => {
      seen.ends += 1;
    });
    header.unplugged = true;
    rest.unplugged = true;
    header.fail(ENDED.gone);
    await settled();
    await bulk.close();
    expect([seen, rest.waiting]).toEqual([{ ends: 1, releases: 1 }, false]);
  });

  it('that give nothing from the first end once', async () => {
    const reply = new Endpoint(0x81);
    reply.failures = ['refused'];
    const { seen } = device(reply);
    await settled();
    expect(seen).toEqual({ heard: [], ends: 1, releases: 1 });
  });

  it('are let go of once, and tell their end also to who listens late', async () => {
    const { bulk, seen } = device();
    // Whoever is told of the end closes in his turn.
    bulk.onClose(() => {
      seen.ends += 1;
      void bulk.close();
    });
    await Promise.all([bulk.close(), bulk.close()]);
    let late = 0;
    bulk.onClose(() => {
      late += 1;
    });
    expect([late, seen]).toEqual([1, { heard: [], ends: 1, releases: 1 }]);
  });
});
