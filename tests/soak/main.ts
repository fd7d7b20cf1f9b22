/**
 * `npm run soak -- AREA`: what `npm test` does once, hundreds of times and at random; prints the counts as a table and ends with 1 when
 * something was lost, doubled, mixed up or left behind. `--kills N` (visit) and `--streams N` (devices) say how often, `--seed N` repeats
 * a run.
 */
import { parseArgs } from 'node:util';
import { soakDevices } from './devices/soak.ts';
import { soakVisit } from './visit/soak.ts';

interface SoakOptions {
  readonly kills: number;
  readonly streams: number;
  readonly seed: number;
}

/** @returns whether everything held. */
type Soak = (options: SoakOptions) => Promise<boolean>;

const areas: ReadonlyMap<string, Soak> = new Map<string, Soak>([
  ['visit', soakVisit],
  ['devices', soakDevices],
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
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      },
    });
    const [area = '', ...more] = positionals;
    const soak = areas.get(area);
    const options = { kills: Number(values.kills), streams: Number(values.streams), seed: Number(values.seed) };
    const isSound = Object.values(options).every(Number.isSafeInteger) && options.kills > 0 && options.streams > 0;
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
  process.exit(2);
}
process.exitCode = (await given.soak(given.options)) ? 0 : 1;
