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

const areas: Readonly<Record<string, Soak>> = { visit: soakVisit };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const soak = areas[positionals[0] ?? ''];
const kills = Number(values.kills);
const seed = Number(values.seed);
if (!soak || !Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
  process.stderr.write(`usage: npm run soak -- ${Object.keys(areas).join(' | ')} [--kills N] [--seed N]\n`);
  process.exit(2);
}
process.exitCode = (await soak({ kills, seed })) ? 0 : 1;
