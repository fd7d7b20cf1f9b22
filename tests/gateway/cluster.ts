/** A PostgreSQL of the tests' own: Debian's programs, a folder of its own, one Unix socket, fsync on. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, TypeOverrides, types } from 'pg';
import { findProgram } from '#tests/simulators/children.ts';

const PROGRAMS = '/usr/lib/postgresql';
const USER = 'gateway';
const PORT = 5432;
const NOBODY = 65_534;

const numbers = new TypeOverrides();
numbers.setTypeParser(types.builtins.INT8, Number);

function program(name: 'initdb' | 'postgres'): string {
  const versions = existsSync(PROGRAMS) ? readdirSync(PROGRAMS).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(PROGRAMS, version, 'bin', name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`the program ${name} is missing: install the Debian package postgresql`);
  return found;
}

/** PostgreSQL does not run as root; what root starts runs as nobody, and ends in order when this process ends. */
function command(file: string, args: readonly string[]): [file: string, args: string[]] {
  const rights = process.getuid?.() === 0 ? ['--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'] : [];
  return [findProgram('setpriv'), ['--pdeathsig', 'INT', ...rights, '--', file, ...args]];
}

export class Cluster {
  readonly folder: string;
  /** Also part of the socket's name. */
  readonly port: number;
  /** Of `postgresql.conf`, as NAME=VALUE, from the next start on. */
  settings: readonly string[] = [];
  #server: ChildProcess | null = null;
  #databases = 0;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  static async start(port = PORT): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'yc-pg-'));
    if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY);
    const made = [
      '-D',
      join(folder, 'data'),
      '-U',
      USER,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale',
      'C.UTF-8',
      '--no-sync',
    ];
    await promisify(execFile)(...command(program('initdb'), made), { cwd: folder });
    const cluster = new Cluster(folder, port);
    await cluster.start();
    return cluster;
  }

  get log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  /** @param host another than the socket's folder, where the settings have the server listen */
  uri(database: string, { host = this.folder, user = USER } = {}): string {
    return `postgres://${user}@${encodeURIComponent(host)}:${this.port}/${database}`;
  }

  async start(): Promise<void> {
    const own = [`unix_socket_directories=${this.folder}`, `port=${this.port}`, 'listen_addresses=', 'fsync=on'];
    const settings = [...own, ...this.settings].flatMap((setting) => ['-c', setting]);
    const log = openSync(join(this.folder, 'log'), 'a');
    const server = spawn(...command(program('postgres'), ['-D', join(this.folder, 'data'), ...settings]), {
      cwd: this.folder,
      stdio: ['ignore', log, log],
    });
    this.#server = server;
    while (!(await this.#answers())) {
      if (server.exitCode !== null) throw new Error(`PostgreSQL ended: ${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** @param how `crash` ends every process at once: the next start recovers from the log */
  async stop(how: 'order' | 'crash' = 'order'): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const gone = once(server, 'exit');
    server.kill(how === 'order' ? 'SIGINT' : 'SIGQUIT');
    await gone;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** An empty database. @param options of CREATE DATABASE */
  async database(options = ''): Promise<string> {
    this.#databases += 1;
    const name = `store_${this.#databases}`;
    await this.query('postgres', `CREATE DATABASE ${name} ${options}`);
    return name;
  }

  /** Rows, read apart from the gateway's own code. */
  async query(database: string, sql: string): Promise<Record<string, unknown>[]> {
    const client = await this.connect(database);
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async connect(database: string): Promise<Client> {
    const client = new Client({ host: this.folder, port: this.port, user: USER, database, types: numbers });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async #answers(): Promise<boolean> {
    try {
      await this.query('postgres', 'SELECT 1');
      return true;
    } catch {
      return false;
    }
  }
}
