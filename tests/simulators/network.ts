import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** The line between a terminal and its district, to be cut and mended. */
export interface NetworkCut {
  /** What a terminal is told instead of the real address. */
  readonly url: string;
  /** `false` while the line is cut. */
  readonly up: boolean;
  /** Resets every connection and refuses new ones. */
  cut(): void;
  mend(): void;
  /** Holds every byte back by this much, in milliseconds, each way. */
  delay(milliseconds: number): void;
  close(): Promise<void>;
}

export interface NetworkCutOptions {
  /** For instance `http://127.0.0.1:8080`. */
  readonly to: string;
}

/** Starts a relay and returns when it listens. */
export async function startNetworkCut(options: NetworkCutOptions): Promise<NetworkCut> {
  const target = new URL(options.to);
  const sockets = new Set<Socket>();
  let up = true;
  let delayMs = 0;

  function relay(from: Socket, to: Socket): void {
    sockets.add(from);
    let last = Promise.resolve();
    async function pass(act: () => void, after: Promise<void>): Promise<void> {
      const due = performance.now() + delayMs;
      await after;
      const left = due - performance.now();
      if (left > 0) await pause(left);
      if (to.writable) act();
    }
    from.setNoDelay(true);
    from.on('data', (bytes) => {
      last = pass(() => to.write(bytes), last);
    });
    from.on('end', () => {
      last = pass(() => to.end(), last);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      last = pass(() => to.destroySoon(), last);
    });
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (!up) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host: target.hostname, port: Number(target.port || 80), allowHalfOpen: true });
    relay(near, far);
    relay(far, near);
  });

  async function listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    const address = server.address();
    return typeof address === 'object' && address ? address.port : port;
  }

  const port = await listen(0);
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(port);

  function cut(): void {
    up = false;
    for (const socket of sockets) socket.resetAndDestroy();
  }

  return {
    url: url.href.replace(/\/$/, ''),
    get up() {
      return up;
    },
    cut,
    mend: () => {
      up = true;
    },
    delay: (milliseconds) => {
      delayMs = milliseconds;
    },
    close: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
