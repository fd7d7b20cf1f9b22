/**
 * `npm run soak -- AREA`: what `npm test` does once, hundreds of times and at random; prints the counts as a table and ends with 1 when
 * something was lost, doubled, mixed up or left behind. `--kills N` (visit), `--streams N` (devices), `--seeds N` and `--times N` (sync) say how
 * often, `--seed N` repeats a run, and parts of an area may be named behind it.
 */
import { parseArgs } from 'node:util';
import { soakDevices } from './devices/soak.ts';
import { soakSync, syncParts } from './sync/soak.ts';
import { soakVisit } from './visit/soak.ts';

interface SoakOptions {
  /** Parts of the area; none for all of them. */
  readonly parts: readonly string[];
  readonly kills: number;
  readonly streams: number;
  readonly seeds: number;
  /** How often each fault strikes; null for as often as it is worth. */
  readonly times: number | null;
  readonly seed: number;
}

/** @returns whether everything held. */
type Soak = (options: SoakOptions) => Promise<boolean>;

const areas: ReadonlyMap<string, { readonly soak: Soak; readonly parts: readonly string[] }> = new Map([
  ['visit', { soak: soakVisit, parts: [] }],
  ['devices', { soak: soakDevices, parts: [] }],
  ['sync', { soak: soakSync, parts: syncParts }],
]);

/** @returns the area and its options; null for what cannot be understood. */
function read(args: string[]): { soak: Soak; options: SoakOptions } | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        kills: { type: 'string', default: '300' },
        streams: { type: 'string', default: '1000000' },
        seeds: { type: 'string', default: '20000' },
        times: { type: 'string' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      },
    });
    const [name = '', ...parts] = positionals;
    const area = areas.get(name);
    const { kills, streams, seeds, times, seed } = values;
    const often = times === undefined ? null : Number(times);
    const counts = { kills: Number(kills), streams: Number(streams), seeds: Number(seeds) };
    const isSound = [...Object.values(counts), often ?? 1].every((n) => Number.isSafeInteger(n) && n > 0);
    if (!area || !isSound || !Number.isSafeInteger(Number(seed))) return null;
    if (!parts.every((part) => area.parts.includes(part))) return null;
    return { soak: area.soak, options: { ...counts, parts, times: often, seed: Number(seed) } };
  } catch {
    // An option that there is not.
    return null;
  }
}

const given = read(process.argv.slice(2));
if (!given) {
  process.stderr.write('usage: npm run soak -- visit [--kills N] [--seed N]\n');
  process.stderr.write('                       devices [--streams N] [--seed N]\n');
  process.stderr.write(
    `                       sync [${syncParts.join(' | ')}] [--seeds N] [--times N] [--seed FIRST]\n`,
  );
  process.exit(2);
}
process.exitCode = (await given.soak(given.options)) ? 0 : 1;
