import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ToService } from '#contract/calls.ts';
import { plainSize } from '#main/shell/plain.ts';
import { CallRouter } from '#main/shell/router.ts';

const refused = (code: string) => ({ ok: false, error: { code } });

function open(reachable = true) {
  const sent: ToService[] = [];
  const router = new CallRouter((message) => {
    sent.push(message);
    return reachable;
  });
  return { router, sent };
}

test('answers find their calls in any order, and a late or double one finds nothing', async () => {
  const { router, sent } = open();
  const first = router.call('visit.consent', {});
  const second = router.call('visit.chooseItem', { item: 'x' });
  expect(sent).toEqual([
    { type: 'call', id: 1, name: 'visit.consent', input: {} },
    { type: 'call', id: 2, name: 'visit.chooseItem', input: { item: 'x' } },
  ]);
  router.settle(2, { ok: true });
  router.settle(2, { ok: false, error: { code: 'failed' } });
  router.settle(9, { ok: true });
  router.settle(1, { ok: false, error: { code: 'not-now' } });
  expect(await second).toEqual({ ok: true });
  expect(await first).toEqual(refused('not-now'));
});

test('nothing that the contract does not know reaches the service', async () => {
  const { router, sent } = open();
  for (const name of ['', 'visit', 'toString', '__proto__', 'constructor', 7, null, undefined, {}]) {
    expect(await router.call(name, {})).toEqual(refused('unknown-call'));
  }
  const inputs = [
    undefined,
    null,
    'x',
    1n,
    new Date(),
    new Map(),
    new Uint8Array(2),
    [{}],
    { more: 1 },
    Object.create(null),
  ];
  for (const input of inputs) expect(await router.call('visit.consent', input)).toEqual(refused('invalid'));
  expect(sent).toEqual([]);
});

test('a signature as large as a finger makes it goes through, a larger input does not', async () => {
  const { router, sent } = open();
  const strokes = Array.from({ length: 40 }, () => Array.from({ length: 3 * 500 }, (_, at) => at));
  void router.call('visit.submit', { signature: { height: 400, strokes } });
  expect(sent).toHaveLength(1);
  const huge = { values: { a: 'x'.repeat(2_000_001) } };
  expect(await router.call('visit.answer', huge)).toEqual(refused('invalid'));
  expect(sent).toHaveLength(1);
});

test('without a service every call is answered', async () => {
  const { router } = open(false);
  expect(await router.call('visit.consent', {})).toEqual(refused('out-of-service'));
});

test('a service that goes away: whoever waits is told', async () => {
  const { router } = open();
  const waiting = [router.call('visit.consent', {}), router.call('help.call', {})];
  router.abandon();
  expect(await Promise.all(waiting)).toEqual([refused('out-of-service'), refused('out-of-service')]);
});

test('a page that asks without end is refused, and served again when answers came', async () => {
  const { router, sent } = open();
  for (let call = 0; call < 64; call += 1) void router.call('help.call', {});
  expect(await router.call('help.call', {})).toEqual(refused('not-now'));
  router.settle(1, { ok: true });
  void router.call('help.call', {});
  expect(sent).toHaveLength(65);
});

test('plain values are counted; everything else is none', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      expect(plainSize(value, 1_000_000)).toBeGreaterThan(0);
    }),
  );
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  for (const value of [cycle, Number.NaN, Number.POSITIVE_INFINITY, Symbol('s'), () => 0, /x/, new Set(), undefined]) {
    expect(plainSize({ value }, 1_000)).toBeNull();
  }
});

test('the limit counts keys, values and characters', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const size = plainSize(value, 1_000_000) ?? 0;
      expect(plainSize(value, size)).toBe(size);
      expect(plainSize(value, size - 1)).toBeNull();
    }),
  );
});
