import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Bridge, ScreenEvent } from '#contract/calls.ts';
import { ScreenStore } from '#renderer/app/store.ts';
import { terminal, visitAt } from './snapshots.ts';

const LIMIT_MS = 400;
const starting = { ...terminal, health: { is: 'out-of-service', why: 'starting', detail: '' } } as const;
const broken = { ...terminal, health: { is: 'out-of-service', why: 'store-damaged', detail: 'terminal.db' } } as const;

describe('the first picture', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test.each<[what: string, events: readonly ScreenEvent[], settled: boolean]>([
    ['nothing yet', [], false],
    ['a service that is starting', [{ event: 'terminal', terminal: starting }], false],
    ['a service without its visit', [{ event: 'terminal', terminal }], false],
    ['a service and its visit', [{ event: 'terminal', terminal }, attract()], true],
    ['a service that cannot serve', [{ event: 'terminal', terminal: broken }], true],
  ])('is waited for, but not for long: %s', async (_what, events, settled) => {
    const { store, push } = opened();
    const drawn = vi.fn<() => void>();
    const waiting = store.settled(LIMIT_MS).then(drawn);
    for (const event of events) push(event);
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
    expect(drawn).toHaveBeenCalledTimes(settled ? 1 : 0);
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
    expect(drawn).toHaveBeenCalledOnce();
  });

  test('is there at once for a page that asks late', async () => {
    const { store, push } = opened();
    push({ event: 'terminal', terminal: broken });
    await store.settled(LIMIT_MS);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a step that stays is the same object, so that it is not drawn anew', () => {
  const { store, push } = opened();
  const deadline = { phase: 'running', leftMs: 9_000, totalMs: 9_000, extensionsLeft: 1 } as const;
  push(attract());
  const before = store.picture().visit;
  push({ event: 'visit', visit: { ...visitAt({ at: 'attract' }), revision: 2, deadline } });
  const after = store.picture().visit;
  expect(after).toMatchObject({ revision: 2, deadline });
  expect(after?.step).toBe(before?.step);
  expect(after?.help).toBe(before?.help);
  push({ event: 'visit', visit: { ...visitAt({ at: 'ended' }), revision: 3 } });
  expect(store.picture().visit?.step).toEqual({ at: 'ended' });
});

function attract(): ScreenEvent {
  return { event: 'visit', visit: visitAt({ at: 'attract' }) };
}

function opened(): { store: ScreenStore; push: (event: ScreenEvent) => void } {
  let push: (event: ScreenEvent) => void = () => undefined;
  const bridge: Bridge = {
    call: () => Promise.resolve({ ok: true }),
    subscribe(listener) {
      push = listener;
      return () => undefined;
    },
    drawn: () => undefined,
    screen: { widthMm: 336, heightMm: 597 },
    developmentRuntime: false,
  };
  return { store: new ScreenStore(bridge, () => 0), push: (event) => push(event) };
}
