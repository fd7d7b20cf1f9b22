/** Electron with the shell and the screens in its archive, fused, by electron-builder (electron-builder.yml). */
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Arch as BuilderArch, build, Platform } from 'electron-builder';
import { root, SetupError } from '../setup.mjs';
import type { Arch } from './node-side.ts';

/** Of Electron's distribution, what a terminal has no use for: crash reports are never sent, and user namespaces make the sandbox. */
const UNUSED = ['chrome_crashpad_handler', 'chrome-sandbox', 'resources/default_app.asar'];

export interface ElectronDistribution {
  /** The folder with Electron's binary. */
  readonly folder: string;
  readonly version: string;
}

/**
 * Makes the folder of an installed terminal but for its signed list.
 * @param nodeSide what {@link ./node-side.ts} has laid out
 * @param target made anew
 */
export async function buildApplication(o: {
  electron: ElectronDistribution;
  arch: Arch;
  nodeSide: string;
  target: string;
}): Promise<void> {
  const output = `${o.target}.builder`;
  await rm(output, { recursive: true, force: true });
  await build({
    projectDir: root,
    targets: Platform.LINUX.createTarget('dir', o.arch === 'x64' ? BuilderArch.x64 : BuilderArch.arm64),
    publish: 'never',
    config: {
      extends: path.join(root, 'electron-builder.yml'),
      directories: { output },
      electronDist: o.electron.folder,
      electronVersion: o.electron.version,
    },
  }).catch((error: unknown) => {
    throw new SetupError(`electron-builder did not build: ${error instanceof Error ? error.message : String(error)}`);
  });
  await rm(o.target, { recursive: true, force: true });
  await mkdir(path.dirname(o.target), { recursive: true });
  await rename(path.join(output, o.arch === 'x64' ? 'linux-unpacked' : 'linux-arm64-unpacked'), o.target);
  await rm(output, { recursive: true, force: true });
  for (const file of UNUSED) await rm(path.join(o.target, file), { force: true });
  await cp(o.nodeSide, path.join(o.target, 'resources/terminal'), { recursive: true });
}
