import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { type FileHandle, open, readFile, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { err, ok, type Result } from '#contract/result.ts';
import type { Trouble } from '../common/life.ts';
import type { Source } from '../common/wire.ts';

/**
 * Node waits for sockets and terminals only: a read of this file would hold one of its few threads until a key is pressed, and could not be
 * ended. Looking again and again is no way either, as the kernel keeps 64 events, about ten keys. So this process waits; it opens what it is
 * given anew, for a file that waits.
 */
const READER: readonly [program: string, args: readonly string[]] = ['/bin/cat', ['/dev/stdin']];

/**
 * Opens the kernel's file of a keyboard (evdev), which is what a scanner is that types. The file is shared: the window system must be told
 * to leave this keyboard alone, or the same keys are typed into the page.
 */
export async function openKeyboard(path: string, [program, args] = READER): Promise<Result<Source, Trouble>> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (!(await file.stat()).isCharacterDevice()) return err(keyboardTrouble(path, 'ENOTTY', null));
    const child = spawn(program, args, { env: {}, stdio: [file.fd, 'pipe', 'ignore'] });
    const runs = await once(child, 'spawn').catch(() => null);
    if (!runs) return err({ why: 'program-missing', remedy: 'install the Debian package coreutils', detail: program });
    return ok(keysOf(child));
  } catch (error) {
    const detail = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
    return err(keyboardTrouble(path, detail, await idsOf(path)));
  } finally {
    await file?.close();
  }
}

/** Which device stands behind the file, as udev's rules name it; null when the system does not say. */
export interface KeyboardIds {
  readonly vendor: string;
  readonly product: string;
}

/** @param system where the kernel tells of its devices. */
export async function idsOf(path: string, system = '/sys'): Promise<KeyboardIds | null> {
  try {
    const folder = `${system}/class/input/${basename(await realpath(path))}/device/id`;
    const [vendor, product] = await Promise.all(
      ['vendor', 'product'].map(async (name) => (await readFile(`${folder}/${name}`, 'utf8')).trim()),
    );
    return vendor && product ? { vendor, product } : null;
  } catch {
    return null;
  }
}

/** What keeps the file from being opened, by the system's code. */
export function keyboardTrouble(path: string, detail: string, ids: KeyboardIds | null): Trouble {
  switch (detail) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return { why: 'port-missing', remedy: `plug in the scanner at ${path}`, detail };
    case 'EACCES':
    case 'EPERM': {
      const { vendor, product } = ids ?? { vendor: 'VVVV', product: 'PPPP' };
      const rule =
        `SUBSYSTEM=="input", ATTRS{idVendor}=="${vendor}", ATTRS{idProduct}=="${product}", ` +
        'ENV{LIBINPUT_IGNORE_DEVICE}="1", GROUP="yichuang", MODE="0660"';
      const where = ids ? '' : ', with the two numbers that lsusb shows';
      return {
        why: 'port-denied',
        remedy: `let the service's user open ${path}: add a udev rule ${rule}${where}`,
        detail,
      };
    }
    case 'ENOTTY':
      return {
        why: 'wrong-connection',
        remedy: `write a file below /dev/input for ${path}: see yichuang device list`,
        detail,
      };
    default:
      return { why: 'port-failed', remedy: `unplug the scanner at ${path} and plug it in again`, detail };
  }
}

/** The reader ends by itself when the keyboard is gone. */
function keysOf(child: ChildProcess): Source {
  const ended = once(child, 'close');
  return {
    onData: (listener) => void child.stdout?.on('data', listener),
    onClose: (listener) => void ended.then(() => listener()),
    close: async () => {
      child.kill();
      await ended;
    },
  };
}
