import { existsSync, type FSWatcher, readdirSync, watch } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Connection } from '#contract/connection.ts';

/** Hears that a device may be back; the answer ends it. */
export type Plugged = (back: () => void) => () => void;

/**
 * Hears of a device file that comes, or that one may open now, so that nobody waits for the next try once the cable is in. The kernel
 * makes the file and udev its links and rights, and each is an event of their folder. What is reached over a network has no file.
 */
export function pluggedAt(connection: Connection, dev = '/dev'): Plugged {
  switch (connection.by) {
    case 'serial':
    case 'lp':
    case 'keyboard':
    case 'video':
      return (back) => watchFile(connection.path, back);
    case 'hid':
      return (back) => watchFolder(dev, (name) => name.startsWith('hidraw'), back);
    case 'usb':
      return (back) => watchBuses(`${dev}/bus/usb`, back);
    default:
      return () => () => undefined;
  }
}

/** The links of udev stand in folders that come with the first device: the nearest folder that is there is watched. */
function watchFile(path: string, back: () => void): () => void {
  let folder = dirname(path);
  while (!existsSync(folder)) folder = dirname(folder);
  const [next = basename(path)] = relative(folder, path).split('/');
  return watchFolder(folder, (name) => name === next && existsSync(join(folder, next)), back);
}

/** Each bus is a folder, and each device on it a file whose name is another one whenever it is plugged in. */
function watchBuses(folder: string, back: () => void): () => void {
  const buses = namesIn(folder).map((bus) => join(folder, bus));
  const stops = buses.map((bus) => watchFolder(bus, (name) => existsSync(join(bus, name)), back));
  if (stops.length === 0) stops.push(watchFile(folder, back));
  return () => {
    for (const stop of stops) stop();
  };
}

/** The folder itself and what is in it; nothing when it isn't there. */
function namesIn(folder: string): string[] {
  try {
    return ['.', ...readdirSync(folder)];
  } catch {
    return [];
  }
}

/** Hears of each change to a file of the folder whose name fits; the answer ends it. */
export function watchFolder(folder: string, fits: (name: string) => boolean, back: () => void): () => void {
  let watcher: FSWatcher;
  try {
    watcher = watch(folder, (_event, name) => {
      if (name !== null && fits(name)) back();
    });
  } catch {
    // The system gives out no more watches: the next try comes all the same.
    return () => undefined;
  }
  watcher.on('error', () => watcher.close());
  return () => watcher.close();
}
