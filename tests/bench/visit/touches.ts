/**
 * What a resident feels. Touches go in as a finger's (CDP) and are timed by Chromium itself; beside them a bare window that answers a
 * touch with another colour. The way of a card goes from the last byte of the reader's reply to the frame that shows the name.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { launchTerminal } from '#tests/stand/electron.ts';
import { drawWithFinger, person, Resident, type Scene, scenes } from '#tests/stand/resident.ts';
import { openStand } from '#tests/stand/stand.ts';
import { type Figure, percentile } from '../figures.ts';
import { layBareApplication } from './bare.ts';
import { listen, takeTouches } from './event-timing.ts';

const VISITS = 4;
const CARDS = 20;
const BARE_TOUCHES = 100;
/** By now a fresh page has taken the wiped one's place. */
export const WIPED_MS = 2_500;

declare global {
  interface Window {
    named?: Promise<number>;
  }
}

/** Runs in the page: the moment of the frame that shows a text, on the clock that all processes share. */
function waitForName(name: string): void {
  window.named = new Promise((tell) => {
    const look = (): boolean => document.body.innerText.includes(name);
    const observer = new MutationObserver(() => {
      if (!look()) return;
      observer.disconnect();
      requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.addEventListener('message', () => tell(performance.timeOrigin + performance.now()));
        after.port1.start();
        after.port2.postMessage(null);
      });
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

/** A resident whose touches are counted. */
export class Measured extends Resident {
  /** Since they were last taken. */
  touches = 0;

  override async draw(...given: Parameters<Resident['draw']>): Promise<void> {
    this.touches += 1;
    await super.draw(...given);
  }
}

/** The least that a touch can cost here: every pixel changes, and nothing is asked of anybody. */
async function bareTouches(folder: string, display: { readonly width: number; readonly height: number }) {
  const application = layBareApplication(join(folder, 'bare'));
  const bare = await launchTerminal({
    application,
    config: join(application, 'package.json'),
    display,
    extraEnv: { BARE_PROFILE: join(folder, 'profile') },
  });
  try {
    await listen(bare.page);
    for (let made = 0; made < BARE_TOUCHES; made += 1) {
      await drawWithFinger(bare.page, [{ x: display.width / 2, y: display.height / 2 }]);
      await pause(100);
    }
    return await takeTouches(bare.page, BARE_TOUCHES);
  } finally {
    await bare.close();
  }
}

export async function touches(): Promise<readonly Figure[]> {
  mkdirSync('out/bench', { recursive: true });
  const folder = mkdtempSync(resolve('out/bench/touches-'));
  const stand = await openStand({ folder });
  const floor = await bareTouches(folder, stand.screen);
  const terminal = await launchTerminal({ config: stand.config, display: stand.screen });
  const resident = new Measured({ terminal, stand });
  const byScene = new Map<Scene, number[]>();
  const cards: number[] = [];

  const walk = async (to: Scene): Promise<void> => {
    for (const [at, scene] of scenes.slice(0, scenes.indexOf(to)).entries()) {
      await resident.sees(scene);
      await listen(resident.page);
      if (scene === 'identity') await resident.page.evaluate(waitForName, person.name);
      const next = scenes[at + 1];
      if (next) await resident.goTo(next, scene);
      if (scene === 'identity') {
        const named = await resident.page.evaluate(() => window.named);
        // The reader goes on being asked whether the card still lies there.
        const last = stand.reader.replies.findLast(({ at }) => at < (named ?? 0));
        if (named && last) cards.push(named - last.at);
      }
      byScene.set(scene, [...(byScene.get(scene) ?? []), ...(await takeTouches(resident.page, resident.touches))]);
      resident.touches = 0;
    }
  };

  try {
    for (let visit = 0; visit < VISITS; visit += 1) {
      await walk('leaving');
      await stand.reader.liftCard();
      await resident.goodbye();
      await pause(WIPED_MS);
      resident.touches = 0;
    }
    while (cards.length < CARDS) {
      await walk('form-1');
      await stand.reader.liftCard();
      await resident.press('结束办理');
      await resident.press('结束并清除');
      await resident.sees('attract');
      await pause(WIPED_MS);
      resident.touches = 0;
    }
  } finally {
    await terminal.close();
    await stand.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  const all = [...byScene.values()].flat();
  const plain = { unit: 'ms', floor: null } as const;
  return [
    { name: 'last byte of the card to the name on screen, p95', ...plain, ours: percentile(cards, 0.95), goal: 50 },
    { name: '  p50', ...plain, ours: percentile(cards, 0.5), goal: null },
    { name: 'touch to next paint, all screens, p95', ...plain, ours: percentile(all, 0.95), goal: 50 },
    { name: '  p99', ...plain, ours: percentile(all, 0.99), goal: 100 },
    { name: '  the worst', ...plain, ours: percentile(all, 1), goal: null },
    { name: '  a bare window, p95', ...plain, ours: percentile(floor, 0.95), goal: null },
    ...[...byScene]
      .filter(([, numbers]) => numbers.length > 0)
      .map(([scene, numbers]) => ({ name: `  ${scene}, p95`, ...plain, ours: percentile(numbers, 0.95), goal: 50 })),
  ];
}
