import { mkdirSync, writeFileSync } from 'node:fs';
import type { Display } from '#contract/visit.ts';
import { inspect, least } from './inspect.ts';
import { scenes } from './snapshots.ts';
import { openStage, type Turn } from './stage.ts';

/** The ways in which each scene is pictured. */
const looks: Readonly<Record<string, Display>> = {
  standard: { language: 'zh', mode: 'standard', theme: 'standard' },
  elder: { language: 'zh', mode: 'elder', theme: 'standard' },
  large: { language: 'zh', mode: 'large', theme: 'standard' },
  contrast: { language: 'zh', mode: 'standard', theme: 'contrast' },
  dark: { language: 'zh', mode: 'elder', theme: 'dark' },
  english: { language: 'en', mode: 'standard', theme: 'standard' },
  'english-large': { language: 'en', mode: 'large', theme: 'standard' },
  'english-elder': { language: 'en', mode: 'elder', theme: 'standard' },
};

const [turns = 'portrait,landscape', names = Object.keys(looks).join(), pattern = '.'] = process.argv.slice(2);
const wanted = scenes.filter(({ name }) => new RegExp(pattern).test(name));
const out = 'out/book';
let wrong = 0;

for (const turn of turns.split(',') as Turn[]) {
  const stage = await openStage(turn, 'out/renderer');
  for (const look of names.split(',')) {
    const display = looks[look];
    if (!display) throw new Error(`no such look: ${look}; there are ${Object.keys(looks).join(', ')}`);
    mkdirSync(`${out}/${turn}-${look}`, { recursive: true });
    for (const scene of wanted) {
      await stage.show(scene, display);
      await stage.page.screenshot({ path: `${out}/${turn}-${look}/${scene.name}.png`, animations: 'disabled' });
      const problems = await stage.page.evaluate(inspect, least[scene.visit ? display.mode : 'standard']);
      wrong += problems.length;
      for (const problem of problems) process.stderr.write(`${turn} ${look} ${scene.name}: ${problem}\n`);
    }
  }
  const violations = await stage.page.evaluate(() => window.stageViolations);
  wrong += violations.length;
  for (const violation of violations) process.stderr.write(`policy: ${violation}\n`);
  await stage.close();
}
writeFileSync(`${out}/problems.txt`, `${wrong}\n`);
process.stderr.write(`${wanted.length} scenes, ${wrong} problems\n`);
