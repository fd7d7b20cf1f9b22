import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { endProgram, findProgram, type Program, startProgram } from '../children.ts';
import { freePort } from '../ports.ts';

const QUEUE = 'yichuang';
const DEADLINE_MS = 20_000;

/** A print queue of a CUPS of its own, with the driverless filters and back end that a real terminal has. */
export interface CupsQueue {
  /** `ipp://127.0.0.1:PORT/printers/yichuang` */
  readonly connection: string;
  /** Pauses the queue (`cupsdisable`) or resumes it. */
  pause(on: boolean): Promise<void>;
  /** Has the queue refuse new jobs (`cupsreject`) or accept them. */
  reject(on: boolean): Promise<void>;
  /** The jobs of any state that CUPS still knows, one a line as lpstat tells them. */
  jobs(): Promise<string[]>;
  /** The documents in CUPS' spool, by name. */
  spooled(): Promise<string[]>;
  close(): Promise<void>;
}

interface CupsOptions {
  /** Where cupsd's whole life lies, in a folder of its own; every folder above it must be passable for others (`x`). */
  readonly folder?: string;
  /** What the queue prints on; it must be switched on now: `ipp://127.0.0.1:PORT/ipp/print`. */
  readonly printer: string;
}

function files(own: string): string {
  return `ServerRoot ${own}/etc
StateDir ${own}/run
CacheDir ${own}/cache
RequestRoot ${own}/spool
TempDir ${own}/spool/tmp
DataDir /usr/share/cups
ServerBin /usr/lib/cups
AccessLog ${own}/access_log
ErrorLog ${own}/error_log
PageLog ${own}/page_log
`;
}

function daemon(port: number): string {
  return `Listen 127.0.0.1:${port}
LogLevel info
Browsing Off
WebInterface No
DefaultAuthType None
PreserveJobFiles No
<Location />
  Allow from 127.0.0.1
</Location>
<Policy default>
  <Limit All>
    Allow from 127.0.0.1
  </Limit>
</Policy>
`;
}

/** Starts cupsd with one queue and returns when it takes jobs. Throws, naming the Debian package, when a program is missing. */
export async function startCups({ folder = tmpdir(), printer }: CupsOptions): Promise<CupsQueue> {
  const own = await mkdtemp(join(folder, 'cups-'));
  // Started by root, cupsd runs its filters and back ends as `lp`.
  await chmod(own, 0o711);
  for (const each of ['etc', 'run', 'cache', 'spool', 'spool/tmp']) await mkdir(join(own, each));
  const port = await freePort();
  await writeFile(join(own, 'cups-files.conf'), files(own));
  await writeFile(join(own, 'cupsd.conf'), daemon(port));
  const server = `127.0.0.1:${port}`;
  const args = ['-f', '-c', join(own, 'cupsd.conf'), '-s', join(own, 'cups-files.conf')];
  const child = await startProgram('cupsd', args, { stdio: 'ignore' });

  async function close(): Promise<void> {
    await endProgram(child);
    await rm(own, { recursive: true, force: true, maxRetries: 10 });
  }

  const tell = async (program: Program, ...args: string[]): Promise<string> => {
    const env = { ...process.env, LC_ALL: 'C' };
    return (await promisify(execFile)(findProgram(program), ['-h', server, ...args], { env })).stdout;
  };

  async function answers(): Promise<void> {
    for (const due = performance.now() + DEADLINE_MS; ; await pause(50)) {
      if ((await tell('lpstat', '-r').catch(() => '')).includes('is running')) return;
      if (child.exitCode === null && performance.now() < due) continue;
      const log = await readFile(join(own, 'error_log'), 'utf8').catch(() => 'it wrote no log');
      throw new Error(`cupsd does not answer: ${log.slice(-4000)}`);
    }
  }

  try {
    await answers();
    await tell('lpadmin', '-p', QUEUE, '-E', '-v', printer, '-m', 'everywhere');
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    connection: `ipp://${server}/printers/${QUEUE}`,
    pause: async (on) => void (await tell(on ? 'cupsdisable' : 'cupsenable', QUEUE)),
    reject: async (on) => void (await tell(on ? 'cupsreject' : 'cupsaccept', QUEUE)),
    jobs: async () => {
      const [open, ended] = [
        await tell('lpstat', '-W', 'not-completed', '-o'),
        await tell('lpstat', '-W', 'completed', '-o'),
      ];
      return `${open}${ended}`.split('\n').filter((line) => line.startsWith(`${QUEUE}-`));
    },
    spooled: async () => (await readdir(join(own, 'spool'))).filter((name) => /^d\d+-\d+$/.test(name)),
    close,
  };
}
