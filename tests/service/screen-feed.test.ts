import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ScreenEvent } from '#contract/calls.ts';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import { ScreenFeed } from '#main/service/screen-feed.ts';

let sent: ScreenEvent[] = [];
let feed: ScreenFeed;
beforeEach(() => {
  sent = [];
  feed = new ScreenFeed((event) => sent.push(event));
});

describe('the feed of the screen', () => {
  test('sends of each snapshot the last of a turn, the terminal first', async () => {
    feed.push(visit(1));
    feed.push(terminal(1));
    feed.push(terminal(2));
    feed.push(visit(2));
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toEqual([terminal(2), visit(2)]);
  });

  test('sends sounds at once', () => {
    feed.push({ event: 'sound', sound: 'warning' });
    expect(sent).toHaveLength(1);
  });

  test('sends nothing of a visit after its wipe', async () => {
    feed.push(visit(1));
    feed.push({ event: 'wiped' });
    feed.push(visit(2));
    await turn();
    expect(sent).toEqual([visit(1), { event: 'wiped' }, visit(2)]);
  });

  test('tells an unchanged terminal once, and again to a page that asks', async () => {
    for (let time = 0; time < 3; time += 1) {
      feed.push(terminal(1));
      await turn();
    }
    expect(sent).toEqual([terminal(1)]);
    feed.renew();
    feed.push(terminal(1));
    await turn();
    expect(sent).toEqual([terminal(1), terminal(1)]);
  });

  test('sends what waits when it ends, and nothing twice', async () => {
    feed.push(visit(1));
    feed.flush();
    await turn();
    expect(sent).toEqual([visit(1)]);
  });
});

function terminal(unsynced: number): ScreenEvent {
  const terminal = { health: { is: 'well' }, community: null, network: 'offline', unsynced, alerts: [] } as const;
  return { event: 'terminal', terminal };
}

function visit(revision: number): ScreenEvent {
  return {
    event: 'visit',
    visit: {
      revision,
      display: STANDARD_DISPLAY,
      offer: 'none',
      deadline: null,
      help: { state: 'none' },
      alert: null,
      step: { at: 'attract' },
    },
  };
}
