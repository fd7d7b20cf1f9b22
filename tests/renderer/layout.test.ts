import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { build, type Plugin } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import type { Display } from '#contract/visit.ts';
import { inspect, least } from './inspect.ts';
import { inPseudo, speakingPseudo } from './pseudo.ts';
import { type Scene, scenes } from './snapshots.ts';
import { openStage, type Stage, type Turn } from './stage.ts';

const look = (
  mode: Display['mode'],
  theme: Display['theme'] = 'standard',
  language: Display['language'] = 'zh',
): Display => ({ ...STANDARD_DISPLAY, language, mode, theme });

/** Sizes and places are looked at in these; colours and roles (axe) in those below. */
const layouts = [
  look('standard'),
  look('elder'),
  look('large'),
  look('elder', 'standard', 'en'),
  look('large', 'standard', 'en'),
  { ...look('standard'), hand: 'left' } as const,
  { ...look('elder'), reach: 'low' } as const,
  { ...look('large', 'standard', 'en'), reach: 'low' } as const,
];
const colours = [look('standard'), look('standard', 'contrast'), look('elder', 'dark')];
const name = ({ language, mode, theme, reach, hand }: Display) =>
  [language, mode, theme, ...(reach === 'low' ? ['low'] : []), ...(hand === 'left' ? ['left'] : [])].join(' ');

/** One of each kind of screen: axe takes its time. */
const kinds = new Set(
  `starting out-disk-full attract clearing home home-search-typing home-search-nothing home-search-handwritten home-search-code home-help home-display home-end item item-unavailable consent identity-ready
  identity-other-ways identity-other-ways-called document-empty document-wrong document-comparing identity-read-failed form-offer form-1-problem form-2-problem form-3-year form-time check done done-called
  done-sign-in done-confirming done-confirming-photo done-issued done-reasons done-print-jam leaving-card ended speech-form speech-check speech-hidden`.split(
    /\s+/,
  ),
);

/** Built apart: other tests use the build of set-up at the same time. */
const folder = mkdtempSync(join(tmpdir(), 'yichuang-screens-'));
const built = join(folder, 'screens');
const builtInPseudo = join(folder, 'pseudo');

const buildInto = (outDir: string, plugins: Plugin[]) =>
  build({ configFile: 'renderer/vite.config.ts', build: { outDir }, plugins, logLevel: 'error' });

beforeAll(async () => {
  await buildInto(built, []);
  await buildInto(builtInPseudo, [speakingPseudo()]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the inspection finds wrong with scenes in one look, each by its name. */
async function wrongIn(stage: Stage, list: readonly Scene[], display: Display): Promise<readonly string[]> {
  const found: string[] = [];
  for (const scene of list) {
    await stage.show(scene, display);
    // Without a visit there is no display of a visit's: those screens are always in the standard mode.
    const problems = await stage.page.evaluate(inspect, least[scene.visit === null ? 'standard' : display.mode]);
    for (const problem of problems) found.push(`${scene.name}: ${problem}`);
  }
  return found;
}

describe.each<Turn>(['portrait', 'landscape'])('%s', (turn) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(turn, built);
  });
  afterAll(() => stage.close());

  // A wide picture is low enough: there a low reach changes nothing.
  const looked = layouts.filter(({ reach }) => turn === 'portrait' || reach === 'full');
  it.each(looked.map((display) => [name(display), display] as const))(
    '%s: nothing cut, nothing small, nothing close',
    async (_, display) => {
      expect(await wrongIn(stage, scenes, display)).toEqual([]);
    },
    240_000,
  );

  it.each(colours.map((display) => [name(display), display] as const))(
    '%s: axe finds nothing',
    async (_, display) => {
      const found: string[] = [];
      for (const scene of scenes.filter((scene) => kinds.has(scene.name))) {
        await stage.show(scene, display);
        const { violations } = await new AxeBuilder({ page: stage.page }).setLegacyMode().analyze();
        for (const { id, nodes } of violations) {
          found.push(`${scene.name}: ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
        }
      }
      expect(found).toEqual([]);
    },
    240_000,
  );

  it('breaks no rule of the content policy', async () => {
    expect(await stage.page.evaluate(() => window.stageViolations)).toEqual([]);
  });
});

/** The largest letters on a low picture have no room for longer words. */
const roomy: readonly (readonly [Turn, Display['mode']])[] = [
  ['portrait', 'standard'],
  ['portrait', 'large'],
  ['landscape', 'standard'],
  ['landscape', 'elder'],
];

it.each(roomy)(
  'a language with longer words, %s %s: nothing cut, nothing small, nothing close',
  async (turn, mode) => {
    const stage = await openStage(turn, builtInPseudo);
    try {
      expect(await wrongIn(stage, scenes.map(inPseudo), look(mode, 'standard', 'en'))).toEqual([]);
    } finally {
      await stage.close();
    }
  },
  240_000,
);
