/**
 * `npm run book`: takes the picture of every page of the manifest in every look and turn, and inspects each. `out/book/index.json` tells
 * what is there, what is missing and what is wrong; `out/book/index.html` is there to leaf through. Exits with 1 unless all is there and well.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inspect, least } from '../inspect.ts';
import { scenes } from '../snapshots.ts';
import { openStage, type Turn } from '../stage.ts';
import { type Book, missing, type Picture, summary } from './book.ts';
import { leaves } from './leaves.ts';
import { looks, type Page, pages, turns } from './manifest.ts';

const OUT = 'out/book';
const { values } = parseArgs({
  options: { turn: { type: 'string' }, look: { type: 'string' }, page: { type: 'string', default: '.' } },
});
const chosen = <T extends string>(what: string, given: string | undefined, all: readonly T[]): readonly T[] => {
  const names = given?.split(',') ?? all;
  const strange = names.filter((name) => !all.some((one) => one === name));
  if (strange.length > 0) throw new Error(`no such ${what}: ${strange.join(', ')}; there are ${all.join(', ')}`);
  return all.filter((one) => names.includes(one));
};
const wanted = {
  turns: chosen('turn', values.turn, turns),
  looks: chosen('look', values.look, Object.keys(looks)),
  pages: pages.filter(({ name }) => new RegExp(values.page).test(name)),
};

/** Pictures of the wanted pages in one turn, one after the other in one window. */
async function take(turn: Turn): Promise<readonly Picture[]> {
  const stage = await openStage(turn, 'out/renderer');
  const taken: Picture[] = [];
  const shoot = async (look: string, { name }: Page): Promise<void> => {
    const scene = scenes.find((scene) => scene.name === name);
    const display = looks[look];
    if (!scene || !display) return;
    await stage.show(scene, display);
    const file = `${turn}/${look}/${name}.png`;
    await stage.page.screenshot({ path: join(OUT, file), animations: 'disabled' });
    const problems = await stage.page.evaluate(inspect, least[scene.visit ? display.mode : 'standard']);
    taken.push({ file, turn, look, page: name, problems });
    for (const problem of problems) process.stderr.write(`${file}: ${problem}\n`);
  };
  try {
    for (const look of wanted.looks) {
      mkdirSync(join(OUT, turn, look), { recursive: true });
      for (const page of wanted.pages) await shoot(look, page);
      process.stderr.write(`${turn} ${look}\n`);
    }
    const violations = await stage.page.evaluate(() => window.stageViolations);
    if (violations.length > 0) throw new Error(`the content policy was broken: ${violations.join(', ')}`);
    return taken;
  } finally {
    await stage.close();
  }
}

rmSync(OUT, { recursive: true, force: true });
const pictures = (await Promise.all(wanted.turns.map(take))).flat();
const book: Book = { ...wanted, pictures, missing: missing(wanted, pictures) };
writeFileSync(join(OUT, 'index.json'), `${JSON.stringify(book, null, 2)}\n`);
writeFileSync(join(OUT, 'index.html'), leaves(book, readFileSync(new URL('leaves.css', import.meta.url), 'utf8')));
process.stdout.write(`${summary(book)}\n${OUT}/index.html\n`);
process.exitCode = book.missing.length + pictures.flatMap(({ problems }) => problems).length === 0 ? 0 : 1;
