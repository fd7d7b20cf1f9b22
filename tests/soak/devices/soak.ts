/** `npm run soak -- devices`: streams to every decoder, and a day in which reader and receipt printer are asked again and again. */
import { type DecoderName, decoders, HANG_MS, HELD_BYTES_MAX, sendStreams } from '#tests/drivers/streams.ts';
import { aligned } from '../table.ts';
import { liveDay } from './day.ts';

export async function soakDevices({ streams, seed }: { streams: number; seed: number }): Promise<boolean> {
  process.stderr.write(`a day of polling, then ${streams} streams for each decoder, seed ${seed}\n`);
  const day = await liveDay();
  const rows = [['decoder', 'streams', 'MB', 'thrown', 'not found again', 'slowest', 'holds']];
  const broken = [...day.broken];
  for (const name of Object.keys(decoders) as DecoderName[]) {
    process.stderr.write(`${name}\n`);
    const { bytes, thrown, notFound, slowestMs, heldBytes } = sendStreams(name, streams, seed);
    rows.push([
      name,
      String(streams),
      (bytes / 1e6).toFixed(0),
      String(thrown.length),
      String(notFound.length),
      `${slowestMs.toFixed(1)} ms`,
      `${(heldBytes / 1024).toFixed(0)} KB`,
    ]);
    if (thrown[0] !== undefined) broken.push(`${name}: thrown in stream ${thrown[0]}`);
    if (notFound[0] !== undefined) broken.push(`${name}: nothing was found behind stream ${notFound[0]}`);
    if (slowestMs > HANG_MS) broken.push(`${name}: a stream took ${slowestMs.toFixed(0)} ms`);
    if (heldBytes > HELD_BYTES_MAX) broken.push(`${name}: it holds ${heldBytes} bytes`);
  }
  const lines = [...aligned(rows), '', ...aligned(day.rows), '', `broken: ${broken.length} (seed ${seed})`];
  process.stdout.write(`${[...lines, ...broken.map((one) => `  ${one}`)].join('\n')}\n`);
  return broken.length === 0;
}
