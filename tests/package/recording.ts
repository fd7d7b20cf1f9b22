/**
 * A visit's touches, taken down at an unpackaged terminal, where Playwright finds every control, and made again by a mouse at a
 * packaged one, which lets nobody look inside: each touch waits until the screen looks there as it did when it was taken down.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Locator } from 'playwright';
import { type Framebuffer, type Look, picture } from '#tests/stand/framebuffer.ts';
import { type Point, Resident } from '#tests/stand/resident.ts';
import type { Machine } from './machine.ts';

type Step =
  | { readonly do: 'touch'; readonly look: Look; readonly points: readonly Point[] }
  | { readonly do: 'wheel'; readonly button: '4' | '5'; readonly look: Look }
  | { readonly do: 'lay-card' };

const run = promisify(execFile);
const MIDDLE = { x: 540, y: 960 };
/** Where nothing reacts to the pointer. */
const AWAY = ['mousemove', '1', '1'];

function wheel(button: '4' | '5'): string[] {
  return ['mousemove', String(MIDDLE.x), String(MIDDLE.y), 'click', button, ...AWAY];
}

/** Runs in the page. 1 when the control is hidden below, -1 above, 0 when a finger meets it. */
function outOfSight(control: Element): number {
  const { x, y, width, height } = control.getBoundingClientRect();
  const ends = [y + 2, y + height / 2, y + height - 2].map((at) => document.elementFromPoint(x + width / 2, at));
  if (ends.every((met) => met !== null && (control.contains(met) || met.contains(control)))) return 0;
  return y + height / 2 > innerHeight / 2 ? 1 : -1;
}

/** A resident whose touches are taken down. */
export class RecordedResident extends Resident {
  readonly steps: Step[] = [];
  readonly #screen: Framebuffer;

  constructor(o: ConstructorParameters<typeof Resident>[0], screen: Framebuffer) {
    super(o);
    this.#screen = screen;
  }

  /** With the wheel of a mouse, notch by notch, so that another hand can do the same. */
  override async bring(target: Locator): Promise<void> {
    await target.waitFor();
    await this.#screen.settled();
    for (let way = await target.evaluate(outOfSight); way !== 0; way = await target.evaluate(outOfSight)) {
      const button = way > 0 ? '5' : '4';
      this.steps.push({ do: 'wheel', button, look: this.#screen.look(MIDDLE) });
      await run('xdotool', wheel(button), { env: { ...process.env, DISPLAY: this.terminal.display } });
      await this.#screen.settled();
    }
  }

  override async draw(points: readonly Point[]): Promise<void> {
    const [first] = points;
    if (first) this.steps.push({ do: 'touch', look: this.#screen.look(first), points });
    await super.draw(points);
  }

  /** Takes the pointer off the picture, where a machine of its own has it too. */
  async begin(): Promise<void> {
    await run('xdotool', AWAY, { env: { ...process.env, DISPLAY: this.terminal.display } });
  }

  layCard(): Promise<void> {
    this.steps.push({ do: 'lay-card' });
    return this.stand.reader.layCard(this.card);
  }
}

/** Where a touch that finds another screen than it waited for leaves both. */
const PICTURES = 'out/tests/package';

/** Makes the steps again on a machine. `layCard` is the hand of whoever stands there. */
export async function replay(
  steps: readonly Step[],
  o: { machine: Machine; screen: Framebuffer; layCard: () => Promise<void> },
): Promise<void> {
  await o.machine.must('xdotool', ...AWAY);
  for (const step of steps) {
    if (step.do === 'lay-card') {
      await o.layCard();
      continue;
    }
    // White looks like white: what is still on its way has to arrive first.
    const arrived = async () => {
      await o.screen.settled();
      return o.screen.shows(step.look);
    };
    await until(`the screen to look as at touch ${steps.indexOf(step)}`, arrived).catch((problem: unknown) => {
      mkdirSync(PICTURES, { recursive: true });
      writeFileSync(join(PICTURES, 'seen.png'), o.screen.png());
      writeFileSync(join(PICTURES, 'wanted.png'), picture(step.look));
      throw problem;
    });
    if (step.do === 'wheel') {
      await o.machine.must('xdotool', ...wheel(step.button));
      continue;
    }
    const [first, ...rest] = step.points.map(({ x, y }) => [String(Math.round(x)), String(Math.round(y))] as const);
    if (!first) continue;
    const way = rest.flatMap((point) => ['mousemove', ...point, 'sleep', '0.02']);
    await o.machine.must('xdotool', 'mousemove', ...first, 'mousedown', '1', ...way, 'mouseup', '1', ...AWAY);
  }
}

/** Waits for what comes by itself; the limit only ends a test that has gone wrong. */
export async function until(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  const limit = performance.now() + 120_000;
  while (!(await look())) {
    if (performance.now() > limit) throw new Error(`waited in vain for ${what}`);
    await pause(200);
  }
}
