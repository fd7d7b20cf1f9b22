import { connect as connectTcp } from 'node:net';
import { SerialPort } from 'serialport';
import type { Connection } from '#contract/connection.ts';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import type { Trouble } from './life.ts';
import { openUsbPrinter } from './usb-printer.ts';
import type { Connect, Transport } from './wire.ts';

const CONNECT_MS = 3_000;

/** The way to a device that speaks in bytes: serial, TCP, or the USB printer class. */
export function connectTo(connection: Connection): Connect {
  switch (connection.by) {
    case 'serial':
      return (baud) => openSerial(connection.path, baud);
    case 'tcp':
      return () => openTcp(connection.host, connection.port);
    case 'lp':
      return () => openUsbPrinter(connection.path);
    case 'hid':
    case 'usb':
    case 'keyboard':
    case 'video':
    case 'ipp':
      return async () => err({ why: 'wrong-connection', remedy: 'write serial:PATH or tcp:HOST:PORT for this device' });
    default:
      return unreachable(connection);
  }
}

/** The rates to try on a connection, in order. */
export function ratesOf(connection: Connection, all: readonly number[]): readonly number[] {
  if (connection.by !== 'serial') return all.slice(0, 1);
  return connection.baud === 'auto' ? all : [connection.baud];
}

function openSerial(path: string, baudRate: number): Promise<Result<Transport, Trouble>> {
  return new Promise((done) => {
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    const closed = closing();
    // Without a listener an error event would end the process; each one is followed by 'close'.
    port.on('error', () => undefined);
    port.on('close', closed.tell);
    port.open((error) => {
      if (error) {
        done(err(serialTrouble(path, error.message)));
        return;
      }
      done(
        ok({
          write: (bytes) => void port.write(Buffer.from(bytes)),
          onData: (listener) => void port.on('data', listener),
          onClose: closed.listen,
          close: () => new Promise((end) => (port.isOpen ? port.close(() => end()) : end())),
        }),
      );
    });
  });
}

/** What is wrong with a serial port, by the system's own words. */
export function serialTrouble(path: string, detail: string): Trouble {
  if (/no such file|ENOENT|ENXIO|ENODEV/i.test(detail)) {
    return { why: 'port-missing', remedy: `plug in the cable of ${path} and switch the device on`, detail };
  }
  if (/permission|EACCES/i.test(detail)) {
    const rule = 'SUBSYSTEM=="tty", GROUP="dialout", MODE="0660"';
    return {
      why: 'port-denied',
      remedy: `let the service's user open ${path}: add it to the group dialout, or a udev rule ${rule}`,
      detail,
    };
  }
  if (/lock|busy|EBUSY|temporarily unavailable/i.test(detail)) {
    return { why: 'port-busy', remedy: `end the other program that holds ${path}`, detail };
  }
  return { why: 'port-failed', remedy: `check the cable and the name of ${path}`, detail };
}

function openTcp(host: string, port: number): Promise<Result<Transport, Trouble>> {
  return new Promise((done) => {
    const socket = connectTcp({ host, port, noDelay: true, keepAlive: true });
    const closed = closing();
    const failed = (detail: string) => {
      socket.destroy();
      const remedy = `switch the device on and check its network cable and its address ${host}:${port}`;
      done(err({ why: 'host-away', remedy, detail }));
    };
    socket.setTimeout(CONNECT_MS, () => failed('no answer to the connection'));
    socket.on('error', (error) => failed('code' in error ? String(error.code) : error.name));
    socket.on('close', closed.tell);
    socket.once('connect', () => {
      socket.setTimeout(0);
      done(
        ok({
          write: (bytes) => void socket.write(bytes),
          onData: (listener) => void socket.on('data', listener),
          onClose: closed.listen,
          close: () =>
            new Promise((end) => {
              if (socket.destroyed) {
                end();
                return;
              }
              socket.once('close', () => end());
              socket.destroy();
            }),
        }),
      );
    });
  });
}

/** Tells one listener of the end, also when it ended before the listener came. */
function closing(): { tell: () => void; listen: (listener: () => void) => void } {
  let ended = false;
  let listener: (() => void) | undefined;
  return {
    tell: () => {
      if (ended) return;
      ended = true;
      listener?.();
    },
    listen: (given) => {
      listener = given;
      if (ended) given();
    },
  };
}
