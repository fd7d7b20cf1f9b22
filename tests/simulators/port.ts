import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProgram, findProgram, startProgram } from './children.ts';

/** One host that talks to the device: a TCP connection, or whoever opens the serial port. */
export interface Link {
  /** Sends bytes to the host; lost without a word when the host is gone. */
  write(bytes: Uint8Array): void;
}

/** What a device does with one host. */
export interface Session {
  receive(bytes: Uint8Array): void;
  end(): void;
}

/** Where a simulated device is plugged in. */
export interface Port {
  /** `tcp:127.0.0.1:PORT` or `serial:PATH?baud=N`; the same before and after `unplug` and `plug`. */
  readonly connection: string;
  readonly plugged: () => boolean;
  /** The rate in baud that the host has set on the pseudo-terminal; `null` over TCP. */
  readonly hostBaud: () => number | null;
  readonly unplug: () => Promise<void>;
  readonly plug: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface PortOptions {
  readonly transport: 'tcp' | 'pty';
  /** TCP only; 0 or nothing takes a free one. */
  readonly port?: number | undefined;
  /** Rate in the connection text of a pseudo-terminal, which itself has none. */
  readonly baud: number;
  readonly open: (link: Link) => Session;
}

/** Opens a port and returns when a host can reach it. */
export async function openPort(options: PortOptions): Promise<Port> {
  return options.transport === 'tcp' ? openTcp(options.open, options.port ?? 0) : openPty(options.open, options.baud);
}

async function openTcp(open: PortOptions['open'], wanted: number): Promise<Port> {
  const sockets = new Set<Socket>();
  let server: Server | null = null;

  async function listen(port: number): Promise<number> {
    const next = createServer((socket) => {
      sockets.add(socket);
      socket.setNoDelay(true);
      const session = open({ write: (bytes) => socket.writable && socket.write(bytes) });
      socket.on('data', (bytes) => session.receive(bytes));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        session.end();
      });
    });
    await new Promise<void>((resolve, reject) => {
      next.once('error', reject);
      next.listen(port, '127.0.0.1', resolve);
    });
    server = next;
    const address = next.address();
    return typeof address === 'object' && address ? address.port : port;
  }

  const port = await listen(wanted);

  async function unplug(): Promise<void> {
    const old = server;
    if (!old) return;
    server = null;
    const closed = new Promise<void>((resolve) => old.close(() => resolve()));
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  }

  return {
    connection: `tcp:127.0.0.1:${port}`,
    plugged: () => server !== null,
    hostBaud: () => null,
    unplug,
    plug: async () => {
      if (!server) await listen(port);
    },
    close: unplug,
  };
}

interface Pty {
  readonly session: Session;
  unplug(): Promise<void>;
}

async function openPty(open: PortOptions['open'], baud: number): Promise<Port> {
  const folder = await mkdtemp(join(tmpdir(), 'simulated-port-'));
  const path = join(folder, 'tty');
  let pty: Pty | null = await connectPty(path, open);

  async function unplug(): Promise<void> {
    const old = pty;
    pty = null;
    await old?.unplug();
  }

  return {
    connection: `serial:${path}?baud=${baud}`,
    plugged: () => pty !== null,
    hostBaud: () => Number(spawnSync(findProgram('stty'), ['-F', path, 'speed'], { encoding: 'utf8' }).stdout),
    unplug,
    plug: async () => {
      pty ??= await connectPty(path, open);
    },
    close: async () => {
      await unplug();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Lets socat make a pseudo-terminal at `path` whose other side is this process. */
async function connectPty(path: string, open: PortOptions['open']): Promise<Pty> {
  const child = await startProgram('socat', ['-d', '-d', `pty,raw,echo=0,link=${path}`, 'stdio'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('socat started without its pipes');
  stdin.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (said.includes('starting data transfer loop')) resolve();
    });
    child.once('exit', () => reject(new Error(`socat ended: ${said}`)));
  });
  const session = open({ write: (bytes) => stdin.writable && stdin.write(bytes) });
  stdout.on('data', (bytes: Buffer) => session.receive(bytes));
  // Without this the first host that closes the port would end socat, as if the device had been unplugged.
  const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  return {
    session,
    unplug: async () => {
      await endProgram(child);
      closeSync(held);
      session.end();
    },
  };
}
