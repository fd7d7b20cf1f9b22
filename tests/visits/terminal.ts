import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { z } from 'zod';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import { type DisplayProcess, launchTerminal, startDisplay, type TerminalProcess } from '#tests/stand/electron.ts';
import { Resident } from '#tests/stand/resident.ts';
import { openStand, type Stand, type StandOptions } from '#tests/stand/stand.ts';

const run = promisify(execFile);

/** A terminal on its stand, with a resident before it. */
export interface Scene {
  readonly stand: Stand;
  readonly terminal: TerminalProcess;
  readonly resident: Resident;
  /** Closes the terminal alone; the devices and the district stay. */
  closeTerminal(): Promise<void>;
  close(): Promise<void>;
}

export async function openScene(
  options: Partial<StandOptions> & { before?: (stand: Stand) => Promise<void> } = {},
): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'yichuang-visit-'));
  const stand = await openStand({ folder, ...options });
  await options.before?.(stand);
  const display: DisplayProcess = await startDisplay(stand.screen);
  const terminal = await launchTerminal({ config: stand.config, display: display.name });
  let open = true;
  const closeTerminal = async (): Promise<void> => {
    if (open) await terminal.close();
    open = false;
  };
  return {
    stand,
    terminal,
    resident: new Resident({ terminal, stand }),
    closeTerminal,
    async close() {
      await closeTerminal();
      await display.close();
      await stand.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Waits for what comes by itself; the limit only ends a test that has gone wrong. */
export async function eventually<T>(what: string, look: () => Promise<T | null> | T | null): Promise<T> {
  const limit = performance.now() + 60_000;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (performance.now() > limit) throw new Error(`waited in vain for: ${what}`);
    await pause(50);
  }
}

/** The process that the shell has started from `out/service`, or null while there is none. */
export function servicePid(shell: number): number | null {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = /^\d+ \(.*\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1];
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      if (Number(parent) === shell && command.includes(join('out', 'service', 'main.mjs'))) return Number(name);
    } catch {
      // The process ended between the listing and the look.
    }
  }
  return null;
}

/** Kills the service as a power cut would, and waits until the shell has started another one. */
export async function killService({ pid }: TerminalProcess): Promise<void> {
  const before = await eventually('a service', () => servicePid(pid));
  process.kill(before, 'SIGKILL');
  await eventually('another service', () => {
    const now = servicePid(pid);
    return now !== null && now !== before ? now : null;
  });
}

/** Kills the page on the screen, and waits until that is known. */
export async function killPage(terminal: TerminalProcess): Promise<void> {
  const before = terminal.page;
  const pid = await terminal.app.evaluate(
    ({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()
        .findLast((window) => !window.isDestroyed())
        ?.webContents.getOSProcessId() ?? 0,
  );
  if (pid === 0) throw new Error('the page has no process');
  const gone = before.waitForEvent('crash').catch(() => null);
  process.kill(pid, 'SIGKILL');
  await gone;
}

export async function pdfText(file: string): Promise<string> {
  const { stdout } = await run('pdftotext', ['-layout', file, '-']);
  return stdout;
}

/** `yichuang journal verify`, as staff would run it; it fails loudly when the chain is broken. */
export async function journalEntries(stand: Stand): Promise<number> {
  const { stdout } = await run(process.execPath, [
    'main/service/cli.ts',
    'journal',
    'verify',
    '--data',
    stand.folders.data,
  ]);
  return z.looseObject({ entries: z.int() }).parse(JSON.parse(stdout)).entries;
}

/** The print jobs as the store has them, oldest first. */
export function printJobs(stand: Stand): readonly unknown[] {
  const store = new Database(join(stand.folders.data, 'terminal.sqlite'), { readonly: true });
  try {
    return store.prepare('SELECT document, state FROM print_job ORDER BY n').all();
  } finally {
    store.close();
  }
}

/** Whoever taps before the printer is found again is told once more, and taps again. */
export async function printsAgain(resident: Resident, words: string): Promise<void> {
  await eventually(words, async () => {
    const { page } = resident;
    if (await page.getByText(words).isVisible()) return true;
    const again = page.getByRole('button', { name: '再打一次' });
    if (await again.isVisible()) await resident.press('再打一次');
    await pause(500);
    return null;
  });
}

/** What the screen was told last of the terminal's health. */
export async function healthOf({ page }: Resident): Promise<TerminalSnapshot['health']> {
  return page.evaluate(
    () =>
      new Promise<TerminalSnapshot['health']>((resolve) => {
        const end = window.yichuang.subscribe((told) => {
          if (told.event !== 'terminal') return;
          end();
          resolve(told.terminal.health);
        });
        void window.yichuang.call('screen.ready', {});
      }),
  );
}

/** What the store holds, read with a plain SQLite of the test's own beside the running service. */
export interface Kept {
  readonly cases: number;
  /** Of the `case` entries of the journal, in order. */
  readonly receiptNumbers: readonly string[];
  /** Cases that have their print job and their journal entry. */
  readonly whole: number;
}

const Count = z.object({ count: z.int() });
const Bodies = z.array(z.object({ body: z.instanceof(Uint8Array) }));
const Body = z.looseObject({ open: z.looseObject({ receiptNumber: z.string() }) });

export function readStore(stand: Stand): Kept {
  const store = new Database(join(stand.folders.data, 'terminal.sqlite'), { readonly: true });
  try {
    const count = (sql: string): number => Count.parse(store.prepare(sql).get()).count;
    const bodies = Bodies.parse(store.prepare(`SELECT body FROM entry WHERE kind = 'case' ORDER BY n`).all());
    return {
      cases: count('SELECT count(*) AS count FROM accepted_case'),
      receiptNumbers: bodies.map(({ body }) => Body.parse(JSON.parse(Buffer.from(body).toString())).open.receiptNumber),
      whole: count(`SELECT count(*) AS count FROM accepted_case AS c
        WHERE EXISTS (SELECT 1 FROM print_job AS p WHERE p.case_id = c.id AND p.document = 'receipt')
          AND EXISTS (SELECT 1 FROM entry AS e WHERE e.case_id = c.id AND e.kind = 'case')`),
    };
  } finally {
    store.close();
  }
}
