/** Node's side of a terminal, laid out beside Electron's archive: our programs, the packages that they need, and Node itself. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../setup.mjs';

/** A processor as Node names it. */
export type Arch = 'x64' | 'arm64';

interface Entry {
  readonly version?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** npm's account of what is where: `package-lock.json`, or `node_modules/.package-lock.json`. */
export interface Lock {
  readonly packages: Readonly<Record<string, Entry | undefined>>;
}

/** Packages that stay as they are: they hold native code, or start threads from files of their own. */
export const UNBUNDLED = [
  '@myriaddreamin/typst-ts-node-compiler',
  'better-sqlite3',
  '@serialport/bindings-cpp',
  'node-hid',
  'usb',
];

/** What of the repository a terminal runs under Node, and under which name it lies there. */
const PARTS: readonly (readonly [from: string, to: string])[] = [
  ['out/service', 'out/service'],
  ['image/catalogue', 'catalogue'],
];

/** Folders of the lock file that a program with these imports needs on `arch`: the packages, theirs, and so on. */
export function neededFolders(lock: Lock, imports: Iterable<string>, arch: Arch): string[] {
  const needed = new Set<string>();
  const fits = ({ os, cpu, libc }: Entry): boolean =>
    (os?.includes('linux') ?? true) && (cpu?.includes(arch) ?? true) && (libc?.includes('glibc') ?? true);
  const add = (name: string, from: string): void => {
    const folder = resolveIn(lock, name, from);
    const entry = folder === null ? undefined : lock.packages[folder];
    // What is not there is optional, or npm would not have installed at all.
    if (folder === null || entry === undefined || !fits(entry) || needed.has(folder)) return;
    needed.add(folder);
    const wanted = { ...entry.dependencies, ...entry.optionalDependencies, ...entry.peerDependencies };
    for (const dependency of Object.keys(wanted)) add(dependency, `${folder}/`);
  };
  for (const name of imports) add(name, '');
  return [...needed].sort();
}

/** As Node looks: in the package's own `node_modules`, then in those of the folders above. */
function resolveIn(lock: Lock, name: string, from: string): string | null {
  for (let base = from; ; base = base.slice(0, base.lastIndexOf('node_modules/'))) {
    const folder = `${base}node_modules/${name}`;
    if (lock.packages[folder]) return folder;
    if (base === '') return null;
  }
}

const IDLE =
  /\/(better-sqlite3\/(deps|src)|node-hid\/(hidapi|src)|bindings-cpp\/src|usb\/test|usb\/libusb\/(android|doc|examples|msvc|tests|Xcode))(\/|$)|\.d\.[cm]?ts$|\.map$|\.gyp$/;

/** What of a package no program loads: other platforms' binaries, native sources, declarations, maps. */
export function isIdle(name: string, arch: Arch): boolean {
  const prebuilt = /\/prebuilds\/([^/]+)/.exec(name)?.[1];
  if (prebuilt !== undefined) return !new RegExp(`(^|-)linux-${arch}(\\.node)?$`).test(prebuilt) || /musl/.test(name);
  // libusb is a part of usb's binary, and its licence (LGPL) asks for the sources of both beside it.
  if (/\/usb\/(libusb\/libusb|src|binding\.gyp$)/.test(name)) return false;
  return IDLE.test(name);
}

/**
 * Lays out `target`, which is made anew.
 * @param packages folder that holds `node_modules` for `arch` and npm's account of it
 */
export async function layNodeSide(target: string, packages: string, arch: Arch): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(path.join(target, 'bin'), { recursive: true });
  for (const [from, to] of PARTS) await cp(path.join(root, from), path.join(target, to), { recursive: true });
  const lock = JSON.parse(await readFile(path.join(packages, 'node_modules/.package-lock.json'), 'utf8')) as Lock;
  for (const folder of neededFolders(lock, UNBUNDLED, arch)) {
    await cp(path.join(packages, folder), path.join(target, folder), {
      recursive: true,
      // Packages inside are needed by themselves, or not at all.
      filter: (source) =>
        !isIdle(source, arch) && !source.slice(path.join(packages, folder).length).includes('/node_modules'),
    });
  }
  const node = path.join(packages, `node_modules/node-linux-${arch}`);
  await cp(path.join(node, 'bin/node'), path.join(target, 'bin/node'));
  await cp(path.join(node, 'LICENSE'), path.join(target, 'bin/LICENSE'));
  const about = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { name, version, license } = about;
  const description = JSON.stringify({ name, version, license, private: true }, undefined, 2);
  await writeFile(path.join(target, 'package.json'), `${description}\n`);
  await cp(path.join(root, 'NOTICE'), path.join(target, 'NOTICE'));
  await cp(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'));
}
