import { expect, it } from 'vitest';
import { type DecoderName, decoders, HANG_MS, HELD_BYTES_MAX, sendStreams } from './streams.ts';

it.each(Object.keys(decoders) as DecoderName[])('%s: takes any stream, and the next good answer is found', (name) => {
  const { thrown, notFound, slowestMs, heldBytes } = sendStreams(name, 20_000, 1);
  expect(thrown).toEqual([]);
  expect(notFound).toEqual([]);
  expect(slowestMs).toBeLessThan(HANG_MS);
  expect(heldBytes).toBeLessThan(HELD_BYTES_MAX);
});
