/**
 * `npm run soak -- AREA`: what `npm test` does once, hundreds of times and at random; prints the counts as a table and ends with 1 when
 * something was lost, doubled, mixed up or left behind. `--kills N` (visit), `--streams N` (devices) and `--seeds N` (sync) say how often,
 * `--seed N` repeats a run.
 */
import { parseArgs } from 'node:util';
import { soakDevices } from './devices/soak.ts';
import { soakSync } from './sync/soak.ts';
import { soakVisit } from './visit/soak.ts';

interface SoakOptions {
  readonly kills: number;
  readonly streams: number;
  readonly seeds: number;
  readonly seed: number;
}

/** @returns whether everything held. */
type Soak = (options: SoakOptions) => Promise<boolean>;

const areas: ReadonlyMap<string, Soak> = new Map<string, Soak>([
  ['visit', soakVisit],
  ['devices', soakDevices],
  ['sync', soakSync],
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
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      },
    });
    const [area = '', ...more] = positionals;
    const soak = areas.get(area);
    const { kills, streams, seeds, seed } = values;
    const options = { kills: Number(kills), streams: Number(streams), seeds: Number(seeds), seed: Number(seed) };
    const counts = [options.kills, options.streams, options.seeds];
    const isSound = Number.isSafeInteger(options.seed) && counts.every((n) => Number.isSafeInteger(n) && n > 0);
    return soak && more.length === 0 && isSound ? { soak, options } : null;
  } catch {
    // An option that there is not.
    return null;
  }
}

const given = read(process.argv.slice(2));
if (!given) {
  process.stderr.write('usage: npm run soak -- visit [--kills N] [--seed N]\n');
  process.stderr.write('                       devices [--streams N] [--seed N]\n');
  process.stderr.write('                       sync [--seeds N] [--seed FIRST]\n');
  process.exit(2);
}
process.exitCode = (await given.soak(given.options)) ? 0 : 1;
