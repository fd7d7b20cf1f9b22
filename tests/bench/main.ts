/**
 * `npm run bench -- AREA`: figures of one area, ours and floors measured in one run, as a table and in `out/bench/AREA.json`. They are for
 * reading: a machine that does other things at the same time makes them worse, and so no test depends on them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { idle as idleDevices } from './devices/idle.ts';
import { read } from './devices/read.ts';
import { encode } from './devices/receipt.ts';
import { status } from './devices/status.ts';
import { type Figure, judge, table } from './figures.ts';
import { recognise } from './handwriting/recognise.ts';
import { candidates } from './input/candidates.ts';
import { dictionary } from './sync/dictionary.ts';
import { flushToPostgres, flushToSqlite } from './sync/flush.ts';
import { drainMillion } from './sync/million.ts';
import { flushBesidePouchDb } from './sync/pouchdb.ts';
import { touchDuringFlush } from './sync/touch.ts';
import { certificate } from './visit/certificate.ts';
import { commit } from './visit/commit.ts';
import { idle } from './visit/idle.ts';
import { start } from './visit/start.ts';
import { touches } from './visit/touches.ts';

type Measure = (entries: number | undefined) => Promise<readonly Figure[]>;

const areas: Readonly<Record<string, Readonly<Record<string, Measure>>>> = {
  visit: { commit, certificate, touches, start, idle },
  sync: {
    flush: flushToSqlite,
    postgres: flushToPostgres,
    pouchdb: flushBesidePouchDb,
    million: drainMillion,
    touch: touchDuringFlush,
    dictionary,
  },
  input: { candidates },
  handwriting: { recognise },
  devices: { read, encode, status, idle: idleDevices },
};

const { positionals, values } = parseArgs({ allowPositionals: true, options: { entries: { type: 'string' } } });
const [area = '', ...only] = positionals;
const entries = values.entries === undefined ? undefined : Number(values.entries);
const measures = Object.entries(areas[area] ?? {}).filter(([name]) => only.length === 0 || only.includes(name));
if (measures.length === 0 || (entries !== undefined && !(Number.isInteger(entries) && entries > 0))) {
  const known = Object.entries(areas).map(([name, parts]) => `${name} [${Object.keys(parts).join(' | ')}]`);
  process.stderr.write(`usage: npm run bench -- ${known.join('\n                       ')}\n`);
  process.stderr.write('       --entries N as many for sync million, sync touch and handwriting\n');
  process.exit(2);
}

const figures: Figure[] = [];
for (const [name, measure] of measures) {
  process.stderr.write(`measuring: ${name}\n`);
  figures.push(...(await measure(entries)));
}
const judged = figures.map(judge);
mkdirSync('out/bench', { recursive: true });
writeFileSync(`out/bench/${area}.json`, `${JSON.stringify(judged, undefined, 2)}\n`);
process.stdout.write(`${cpus().length} x ${cpus()[0]?.model ?? 'processor'}\n\n${table(judged)}\n`);
