import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endProgram, startProgram } from '../children.ts';
import { freePort } from '../ports.ts';
import { startBus } from './bus.ts';
import { getPrinterAttributes, printJob } from './ipp.ts';

/**
 * The reasons that can be set. A sheet comes out only when none of those with `waits` is; `tray` is ippeveprinter's own
 * empty tray, at which it adds `media-needed` while a job waits.
 */
const reasons = {
  'cover-open': 'waits',
  'input-tray-missing': 'waits',
  'marker-supply-empty': 'waits',
  'marker-supply-low': 'goes-on',
  'marker-waste-almost-full': 'goes-on',
  'marker-waste-full': 'waits',
  'media-empty': 'tray',
  'media-jam': 'waits',
  'media-low': 'goes-on',
  'moving-to-paused': 'goes-on',
  other: 'goes-on',
  paused: 'waits',
  'spool-area-full': 'goes-on',
  'toner-empty': 'waits',
  'toner-low': 'goes-on',
} as const;
type PrinterReason = keyof typeof reasons;

interface PrinterCondition {
  readonly power: 'on' | 'off';
  readonly reasons: readonly PrinterReason[];
}

/**
 * An IPP Everywhere printer with A4 in its tray: Debian's ippeveprinter on a message bus of its own (it announces nothing
 * with `-r off`, so the bus is enough and no avahi-daemon is started). It takes one job at a time and answers
 * `server-error-busy` to a second. A job that is cancelled while it waits for a hand stays in `processing` till then, and does
 * not come out.
 */
export interface IppPrinter {
  /** `ipp://127.0.0.1:PORT/ipp/print` */
  readonly connection: string;
  readonly condition: PrinterCondition;
  /** Each printed PDF is kept here as `job-N.pdf`. */
  readonly folder: string;
  /** The printed files, oldest first. */
  papers(): Promise<string[]>;
  /**
   * Sets or clears a reason and returns when the printer reports it. While one is set that needs a hand, a job stays in
   * `processing`; `printer-state` itself never becomes `stopped`. With nothing printing this takes one job id.
   * Nothing more is reported over an empty tray until that is filled.
   */
  setReason(reason: PrinterReason, on: boolean): Promise<void>;
  /** The next document is aborted. */
  failNextJob(): Promise<void>;
  /** Every document is aborted until told otherwise. */
  failEveryJob(on: boolean): Promise<void>;
  /** Every sheet comes out this much later, in milliseconds; its job is `processing` meanwhile. */
  slowSheets(milliseconds: number): Promise<void>;
  /** Switches the printer off: what it had not printed is lost. */
  stop(): Promise<void>;
  /** Switches it on at the same port, with the same reasons. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface IppPrinterOptions {
  readonly folder: string;
  /** 0 or nothing takes a free one. */
  readonly port?: number;
}

const DEADLINE_MS = 20_000;
const IDLE = 3;
/** The printer's media page with A4 in the main tray, where US Letter lies at first. */
const TRAYS = 'size1=iso_a4_210x297mm&type1=stationery&size3=iso_dl_110x220mm&type3=envelope&level3=-2';

/** Starts a printer and returns when it answers. Throws, naming the Debian package, when a program is missing. */
export async function startIppPrinter(options: IppPrinterOptions): Promise<IppPrinter> {
  const folder = resolve(options.folder);
  const own = await mkdtemp(join(tmpdir(), 'ipp-printer-'));
  const control = join(own, 'control');
  const command = join(own, 'command.sh');
  for (const each of [folder, control, join(own, 'spool'), join(own, 'keys')]) await mkdir(each, { recursive: true });
  await writeFile(join(control, 'slow'), '0');
  await copyFile(fileURLToPath(new URL('command.sh', import.meta.url)), command);
  await chmod(command, 0o755);
  const port = options.port || (await freePort());
  const connection = `ipp://127.0.0.1:${port}/ipp/print`;
  const bus = await startBus(own);
  const set = new Set<PrinterReason>();
  let child: ChildProcess | null = null;

  async function writeReasons(): Promise<void> {
    const blocked = [...set].some((reason) => reasons[reason] === 'waits');
    const said = [...set].filter((reason) => reasons[reason] !== 'tray');
    await writeFile(join(control, 'wanted.new'), [...said, ''].join('\n'));
    await rename(join(control, 'wanted.new'), join(control, 'wanted'));
    if (blocked) await writeFile(join(control, 'blocked'), '');
    else await rm(join(control, 'blocked'), { force: true });
  }

  /** True when the printer reports exactly the reasons that are set. */
  async function isReported(isIdle: boolean): Promise<boolean> {
    const { values } = await getPrinterAttributes(connection);
    if (isIdle && values.get('printer-state')?.[0] !== IDLE) return false;
    const given = new Set(
      values.get('printer-state-reasons')?.map((reason) => String(reason).replace(/-(report|warning|error)$/, '')),
    );
    return Object.keys(reasons).every((reason) => given.has(reason) === set.has(reason as PrinterReason));
  }

  /** Lets the command script say what changed: the one that runs now, or one that a job is sent for. */
  async function reportReasons(): Promise<void> {
    const due = performance.now() + DEADLINE_MS;
    let sent = false;
    while (performance.now() < due) {
      // One job at a time: a printer that is busy refuses this one, and is asked again.
      if (!sent && !existsSync(join(control, 'running'))) {
        sent = (await printJob(connection, 'simulator-reasons', Buffer.from('%PDF-1.4\n'))).status < 0x100;
      }
      if (await isReported(sent)) return;
      await pause(20);
    }
    throw new Error('the printer did not report its reasons');
  }

  async function start(): Promise<void> {
    if (child) return;
    await writeFile(join(control, 'reported'), '');
    await rm(join(control, 'running'), { force: true });
    await writeReasons();
    const place = [
      '-p',
      String(port),
      '-n',
      'localhost',
      '-r',
      'off',
      '-d',
      join(own, 'spool'),
      '-K',
      join(own, 'keys'),
    ];
    const next = await startProgram('ippeveprinter', [...place, '-c', command, '-f', 'application/pdf', 'Simulated'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        DBUS_SYSTEM_BUS_ADDRESS: bus.address,
        SIMULATOR_CONTROL: control,
        SIMULATOR_FOLDER: folder,
        SIMULATOR_URI: connection,
      },
    });
    child = next;
    await writeFile(join(control, 'power'), String(next.pid));
    let said = '';
    next.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    await answers(next, () => said);
    await fillTray();
    if (set.size > 0 && !set.has('media-empty')) await reportReasons();
  }

  /** Fills the tray with A4 or empties it. */
  async function fillTray(): Promise<void> {
    const sheets = set.has('media-empty') ? 0 : 250;
    const response = await fetch(`http://127.0.0.1:${port}/media?${TRAYS}&level1=${sheets}`);
    await response.text();
    if (!response.ok) throw new Error(`the media page answered ${response.status}`);
  }

  /** Waits until the printer serves. */
  async function answers(printer: ChildProcess, said: () => string): Promise<void> {
    const due = performance.now() + DEADLINE_MS;
    while (performance.now() < due) {
      if (printer.exitCode !== null) throw new Error(`ippeveprinter ended: ${said()}`);
      try {
        await getPrinterAttributes(connection);
        return;
      } catch {
        // It does not listen yet.
      }
      await pause(20);
    }
    throw new Error(`ippeveprinter does not answer: ${said()}`);
  }

  async function stop(): Promise<void> {
    const old = child;
    child = null;
    if (!old) return;
    await rm(join(control, 'power'), { force: true });
    await endProgram(old);
    // The command script of a job under way sees that its printer is gone.
    while (existsSync(join(control, 'running'))) await pause(10);
  }

  async function close(): Promise<void> {
    await stop();
    await bus.close();
    await rm(own, { recursive: true, force: true });
  }

  try {
    await start();
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    connection,
    get condition() {
      return { power: child ? 'on' : 'off', reasons: [...set] } as const;
    },
    folder,
    papers: async () => {
      const numbers = (await readdir(folder)).map((name) => Number(/^job-(\d+)\.pdf$/.exec(name)?.[1] ?? 0));
      const printed = numbers.filter((number) => number > 0).sort((a, b) => a - b);
      return printed.map((number) => join(folder, `job-${number}.pdf`));
    },
    setReason: async (reason, on) => {
      if (set.has(reason) === on) return;
      if (on) set.add(reason);
      else set.delete(reason);
      await writeReasons();
      if (!child) return;
      if (reason === 'media-empty') {
        await fillTray();
        if (on || (await isReported(false))) return;
        // With its own hand on the tray the printer forgets that paper was low.
        await writeFile(join(control, 'reported'), '');
        await reportReasons();
      } else if (!set.has('media-empty')) await reportReasons();
    },
    failNextJob: () => writeFile(join(control, 'fail'), ''),
    failEveryJob: (on) =>
      on ? writeFile(join(control, 'failing'), '') : rm(join(control, 'failing'), { force: true }),
    slowSheets: (milliseconds) => writeFile(join(control, 'slow'), String(milliseconds)),
    stop,
    start,
    close,
  };
}
