import { expect, it } from 'vitest';
import { pause } from '#drivers/common/wait.ts';
import { VirtualTimers } from '../stand.ts';

it('a pause that nobody wants any more ends at once and leaves no timer', async () => {
  const timers = new VirtualTimers();
  await pause(timers, 1_000, AbortSignal.abort());
  const stop = new AbortController();
  const paused = pause(timers, 1_000, stop.signal);
  stop.abort();
  await paused;
  expect(timers.pending).toBe(0);
});
