/**
 * `npm run soak -- AREA`: what `npm test` does once, hundreds of times and at random; prints the counts as a table and ends with 1 when
 * something was lost, doubled, mixed up or left behind. `--kills N` says how often, `--seed N` repeats a run.
 */
import { parseArgs } from 'node:util';
import { soakVisit } from './visit/soak.ts';

interface SoakOptions {
  readonly kills: number;
  readonly seed: number;
}

/** @returns whether everything held. */
type Soak = (options: SoakOptions) => Promise<boolean>;

const areas: ReadonlyMap<string, Soak> = new Map([['visit', soakVisit]]);

/** @returns the area and its options; null for what cannot be understood. */
function read(args: string[]): { soak: Soak; options: SoakOptions } | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        kills: { type: 'string', default: '300' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      },
    });
    const [area = '', ...more] = positionals;
    const soak = areas.get(area);
    const options = { kills: Number(values.kills), seed: Number(values.seed) };
    const isSound = Number.isSafeInteger(options.kills) && options.kills > 0 && Number.isSafeInteger(options.seed);
    return soak && more.length === 0 && isSound ? { soak, options } : null;
  } catch {
    // An option that there is not.
    return null;
  }
}

const given = read(process.argv.slice(2));
if (!given) {
  process.stderr.write(`usage: npm run soak -- ${[...areas.keys()].join(' | ')} [--kills N] [--seed N]\n`);
  process.exit(2);
}
process.exitCode = (await given.soak(given.options)) ? 0 : 1;
