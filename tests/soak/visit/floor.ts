/** The terminal of the soak, the residents before it, and the hand that strikes. */
import { setTimeout as pause } from 'node:timers/promises';
import { type SimulatedCard, syntheticResident, withCheckDigit } from '#tests/simulators/index.ts';
import { launchTerminal, startDisplay, type TerminalProcess } from '#tests/stand/electron.ts';
import { Resident, scenes } from '#tests/stand/resident.ts';
import { openStand, type Stand } from '#tests/stand/stand.ts';
import { eventually, killPage, killService, servicePid } from '#tests/visits/terminal.ts';
import type { Moment, Round } from './plan.ts';

export interface Floor {
  readonly stand: Stand;
  /** Who stands there, or stood there last. */
  readonly resident: Resident;
  readonly people: readonly { readonly name: string; readonly number: string }[];
  /** Receipt numbers that a screen has shown. */
  readonly accepted: readonly string[];
  /** One resident's visit with its blow; ends at the attract screen. @returns milliseconds until the terminal served again. */
  play(round: Round): Promise<number>;
  /** Switches the terminal off and on. */
  restart(): Promise<void>;
  closeTerminal(): Promise<void>;
  close(): Promise<void>;
}

/** Somebody who does not exist, and whom no other round has. */
function personOf(round: number): SimulatedCard & { name: string; number: string } {
  const birth = `${1940 + Math.floor(round / 400)}0228`;
  const order = String((round % 400) * 2 + 100);
  return syntheticResident({
    name: `试${String.fromCodePoint(0x4e10 + (round % 60), 0x5b50 + Math.floor(round / 60))}`,
    birth,
    number: withCheckDigit(`120103${birth}${order}`),
  });
}

const isScene = (moment: Moment): boolean => scenes.some((scene) => scene === moment);

/** The bar's words for help, whatever became of a call: a page that shows one of them serves. */
const SERVES = /叫人帮忙|已叫人|已留言|有人来了/;
const DOES_NOT_SERVE = /正在准备|暂停服务/;

/** What ends a visit, whatever screen it is at; in the order in which they are looked for. */
const WAYS_OUT = ['结束并清除', '结束，去取东西', '都拿好了', '不办了', '结束办理', '办好了，离开'];

export async function openFloor(folder: string): Promise<Floor> {
  const stand = await openStand({ folder });
  const display = await startDisplay(stand.screen);
  const launch = () => launchTerminal({ config: stand.config, display: display.name });
  const people: { name: string; number: string }[] = [];
  const accepted: string[] = [];
  let terminal: TerminalProcess = await launch();
  let resident = new Resident({ terminal, stand });
  /** Gives back what an earlier round took away for longer. */
  let giveBack: (() => Promise<void> | void) | null = null;

  const kill = (pid: number | null): void => {
    if (pid !== null) process.kill(pid, 'SIGKILL');
  };

  async function restart(): Promise<void> {
    await stand.reader.liftCard();
    kill(servicePid(terminal.pid));
    try {
      kill(terminal.pid);
    } catch {
      // It is gone already.
    }
    await Promise.race([terminal.close().catch(() => undefined), pause(5_000)]);
    terminal = await launch();
    resident = new Resident({ terminal, stand, card: resident.card });
  }

  /** Takes a device away, and gives it back after a second or to the next resident. */
  async function takeAway(
    returns: Round['returns'],
    away: () => Promise<void> | void,
    back: () => Promise<void> | void,
  ): Promise<void> {
    await away();
    if (returns === 'next visit') giveBack = back;
    else {
      await pause(1_000);
      await back();
    }
  }

  async function strike({ victim, returns, line }: Round): Promise<void> {
    const { documentPrinter, gateway, network, reader, receiptPrinter } = stand;
    switch (victim) {
      case 'service':
        return killService(terminal);
      case 'page':
        return killPage(terminal);
      case 'terminal':
        return restart();
      case 'gateway':
        await gateway.stop('SIGKILL');
        return gateway.start();
      case 'network':
        await network.cut();
        await pause(1_000);
        return line === 'offline' ? undefined : network.mend();
      case 'reader':
        return takeAway(
          returns,
          () => reader.unplug(),
          () => reader.plug(),
        );
      case 'receipt paper':
        return takeAway(
          returns,
          () => receiptPrinter.paperOut(),
          () => receiptPrinter.paperIn(),
        );
      case 'document printer':
        return takeAway(
          returns,
          () => documentPrinter.stop(),
          () => documentPrinter.start(),
        );
    }
  }

  /** To the moment of the blow, with what was taken from the resident before given back on the way. */
  async function arrive({ moment }: Round): Promise<void> {
    if (giveBack) {
      await resident.goTo('home');
      await giveBack();
      giveBack = null;
      if (moment === 'attract' || moment === 'home') return;
    }
    const from = (await resident.page.getByRole('heading', { level: 1, name: '您要办什么？' }).isVisible())
      ? 'home'
      : 'attract';
    if (moment === 'submitting') {
      await resident.goTo('check', from);
      await resident.sign();
      return resident.press('提交');
    }
    if (moment === 'printing' || moment === 'confirming') {
      await resident.goTo('done', from);
      accepted.push(await resident.receiptNumber());
      return moment === 'printing' ? resident.press('改天来取') : resident.workerConfirms();
    }
    await resident.goTo(moment, from);
    if (moment === 'done') accepted.push(await resident.receiptNumber());
  }

  /** Takes everything and goes, from whatever screen there is. */
  async function leave(): Promise<void> {
    await stand.reader.liftCard();
    await eventually('the attract screen', async () => {
      try {
        const { page } = terminal;
        const start = page.getByRole('button', { name: '点屏幕，开始办理' });
        if (await start.isVisible()) return true;
        for (const name of WAYS_OUT) {
          const way = page.getByRole('button', { name }).first();
          if (!(await way.isVisible())) continue;
          await way.click({ timeout: 1_000 });
          break;
        }
      } catch {
        // The page was replaced under the hand, or something lay over the button.
      }
      return null;
    });
  }

  /** The words there now; none while the page is being replaced. */
  async function read(place: string): Promise<string> {
    try {
      return await terminal.page.locator(place).first().innerText({ timeout: 1_000 });
    } catch {
      return '';
    }
  }

  return {
    stand,
    get resident() {
      return resident;
    },
    people,
    accepted,
    async play(round) {
      const card = personOf(round.number);
      people.push(card);
      resident = new Resident({ terminal, stand, card });
      if (round.line === 'offline') await stand.network.cut();
      await arrive(round);
      // A touch on submit may still be answered before the blow: what the screen says then must hold as well.
      const shown = round.moment === 'submitting' ? resident.receiptNumber().catch(() => '') : Promise.resolve('');
      await pause(round.delayMs);
      const before = isScene(round.moment) ? await read('h1') : '';
      const struckAt = performance.now();
      await strike(round);
      await eventually('a screen that serves', async () => {
        const words = await read('body');
        return SERVES.test(words) && !DOES_NOT_SERVE.test(words) ? true : null;
      });
      const backMs = performance.now() - struckAt;
      if (round.victim === 'page' && before !== '') {
        await eventually(`the same step again, ${before}`, async () => ((await read('h1')) === before ? true : null));
      }
      await leave();
      const number = await shown;
      if (number !== '') accepted.push(number);
      if (round.line === 'offline') await stand.network.mend();
      return backMs;
    },
    async restart() {
      await restart();
      await giveBack?.();
      giveBack = null;
      await stand.network.mend();
    },
    closeTerminal: () => terminal.close(),
    async close() {
      await terminal.close().catch(() => undefined);
      await display.close();
      await stand.close();
    },
  };
}
