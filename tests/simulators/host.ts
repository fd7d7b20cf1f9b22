import { connect, type Socket } from 'node:net';

/** The host's side of a TCP connection in tests of the simulators: sends hexadecimal text, collects what comes. */
export interface Host {
  send(bytes: Uint8Array | string): void;
  /** The next `count` bytes that come, as hexadecimal text in upper case, bytes apart. */
  next(count: number): Promise<string>;
  /** Resolves when the other side has ended the connection. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Turns `AA BB` into bytes. */
export function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
}

/** Turns bytes into `AA BB`. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
}

/** Connects to `tcp:HOST:PORT`. */
export async function connectHost(connection: string): Promise<Host> {
  const [, host, port] = connection.split(':');
  const socket = connect(Number(port), host);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return hostOn(socket);
}

function hostOn(socket: Socket): Host {
  let came = Buffer.alloc(0);
  let wake: () => void = () => undefined;
  socket.on('data', (bytes) => {
    came = Buffer.concat([came, bytes]);
    wake();
  });
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  socket.on('error', () => undefined);
  return {
    send: (bytes) => socket.write(typeof bytes === 'string' ? bytesOf(bytes) : bytes),
    next: async (count) => {
      while (came.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const taken = came.subarray(0, count);
      came = came.subarray(count);
      return hexOf(taken);
    },
    ended,
    close: () => socket.destroy(),
  };
}
