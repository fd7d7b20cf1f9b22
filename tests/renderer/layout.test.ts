import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Display } from '#contract/visit.ts';
import { inspect, least } from './inspect.ts';
import { type Scene, scenes } from './snapshots.ts';
import { openStage, type Stage, type Turn } from './stage.ts';

const look = (
  mode: Display['mode'],
  theme: Display['theme'] = 'standard',
  language: Display['language'] = 'zh',
): Display => ({
  language,
  mode,
  theme,
});

/** Sizes and places are looked at in these; colours and roles (axe) in those below. */
const layouts = [
  look('standard'),
  look('elder'),
  look('large'),
  look('elder', 'standard', 'en'),
  look('large', 'standard', 'en'),
];
const colours = [look('standard'), look('standard', 'contrast'), look('elder', 'dark')];
const name = ({ language, mode, theme }: Display) => `${language} ${mode} ${theme}`;

/** One of each kind of screen: axe takes its time. */
const kinds = new Set(
  `starting out-disk-full attract clearing home home-help home-end item item-unavailable consent identity-ready
  identity-other-ways identity-other-ways-called document-empty document-wrong document-comparing identity-read-failed form-1-problem form-2-problem form-3-year form-time check done done-called
  done-sign-in done-confirming done-confirming-photo done-issued done-reasons done-print-jam leaving-card ended`.split(
    /\s+/,
  ),
);

/** Built apart: other tests use the build of set-up at the same time. */
const built = mkdtempSync(join(tmpdir(), 'yichuang-screens-'));

beforeAll(() => {
  const vite = ['node_modules/.bin/vite', 'build', 'renderer', '--outDir', built, '--logLevel', 'error'];
  execFileSync(process.execPath, vite);
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

describe.each<Turn>(['portrait', 'landscape'])('%s', (turn) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(turn, built);
  });
  afterAll(() => stage.close());

  const over = async (list: readonly Scene[], display: Display, look: () => Promise<readonly string[]>) => {
    const found: string[] = [];
    for (const scene of list) {
      await stage.show(scene, display);
      for (const problem of await look()) found.push(`${scene.name}: ${problem}`);
    }
    return found;
  };

  it.each(layouts.map((display) => [name(display), display] as const))(
    '%s: nothing cut, nothing small, nothing close',
    async (_, display) => {
      const shown = (mode: Display['mode']) => () => stage.page.evaluate(inspect, least[mode]);
      const calm = scenes.filter(({ visit }) => visit === null);
      const found = [
        ...(await over(calm, display, shown('standard'))),
        ...(await over(
          scenes.filter(({ visit }) => visit !== null),
          display,
          shown(display.mode),
        )),
      ];
      expect(found).toEqual([]);
    },
    240_000,
  );

  it.each(colours.map((display) => [name(display), display] as const))(
    '%s: axe finds nothing',
    async (_, display) => {
      const axe = async () => {
        const { violations } = await new AxeBuilder({ page: stage.page }).setLegacyMode().analyze();
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
      };
      expect(
        await over(
          scenes.filter((scene) => kinds.has(scene.name)),
          display,
          axe,
        ),
      ).toEqual([]);
    },
    240_000,
  );

  it('breaks no rule of the content policy', async () => {
    expect(await stage.page.evaluate(() => window.stageViolations)).toEqual([]);
  });
});
