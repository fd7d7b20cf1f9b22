/** The terminal of the soak, the residents before it, and the hand that strikes. */
import { setTimeout as pause } from 'node:timers/promises';
import { type SimulatedCard, syntheticResident, withCheckDigit } from '#tests/simulators/index.ts';
import { launchTerminal, startDisplay, type TerminalProcess } from '#tests/stand/electron.ts';
import { Resident } from '#tests/stand/resident.ts';
import { openStand, type Stand } from '#tests/stand/stand.ts';
import { eventually, servicePid } from '#tests/visits/terminal.ts';
import type { Round, Victim } from './plan.ts';

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

  const kill = (pid: number | null): void => {
    if (pid !== null) process.kill(pid, 'SIGKILL');
  };

  async function restart(): Promise<void> {
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

  async function killPage(): Promise<void> {
    const pid = await terminal.app.evaluate(
      ({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()
          .findLast((window) => !window.isDestroyed())
          ?.webContents.getOSProcessId() ?? 0,
    );
    if (pid > 0) kill(pid);
  }

  /** Strikes, and gives back what was taken away. */
  async function strike(victim: Victim): Promise<void> {
    switch (victim) {
      case 'service':
        return kill(servicePid(terminal.pid));
      case 'page':
        return killPage();
      case 'terminal':
        return restart();
      case 'gateway':
        await stand.gateway.stop('SIGKILL');
        return stand.gateway.start();
      case 'network':
        stand.network.cut();
        await pause(1_000);
        return stand.network.mend();
      case 'reader':
        await stand.reader.unplug();
        await pause(1_000);
        return stand.reader.plug();
      case 'receipt paper':
        stand.receiptPrinter.paperOut();
        await pause(1_000);
        return stand.receiptPrinter.paperIn();
      case 'document printer':
        await stand.documentPrinter.stop();
        return stand.documentPrinter.start();
    }
  }

  /** To the moment of the blow. */
  async function arrive({ moment }: Round): Promise<void> {
    if (moment === 'submitting') {
      await resident.goTo('check');
      await resident.sign();
      return resident.press('提交');
    }
    if (moment === 'confirming') {
      await resident.goTo('done');
      accepted.push(await resident.receiptNumber());
      return resident.workerConfirms();
    }
    await resident.goTo(moment);
    if (moment === 'done') accepted.push(await resident.receiptNumber());
  }

  /** Takes everything and goes, from whatever screen there is. */
  async function leave(): Promise<void> {
    stand.reader.liftCard();
    await eventually('the attract screen', async () => {
      const { page } = terminal;
      try {
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
      await arrive(round);
      await pause(round.delayMs);
      const struckAt = performance.now();
      await strike(round.victim);
      await eventually('a screen that serves', async () => {
        const words = await terminal.page
          .locator('body')
          .innerText()
          .catch(() => '');
        return words.includes('叫人帮忙') && !words.includes('正在准备') && !words.includes('暂停服务') ? true : null;
      });
      const backMs = performance.now() - struckAt;
      await leave();
      return backMs;
    },
    restart,
    closeTerminal: () => terminal.close(),
    async close() {
      await terminal.close().catch(() => undefined);
      await display.close();
      await stand.close();
    },
  };
}
