/** The way from the sources to a Debian package, in `out/package`. */
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { provideForeignElectron, readChoice } from '../electron.ts';
import { npmEnvironment, root, run, SetupError } from '../setup.mjs';
import { buildApplication, type ElectronDistribution } from './application.ts';
import { buildDeb } from './deb.ts';
import { type Arch, layNodeSide } from './node-side.ts';
import { publicPem, signingKey, signRelease } from './release.ts';

const OUT = path.join(root, 'out/package');

export interface PackageOptions {
  readonly version: string;
  /** As Node names processors. */
  readonly arch: string;
  /** The vendor's signing key; one for development otherwise. */
  readonly key?: string | undefined;
  readonly fast?: boolean;
}

/** The version that package.json names. */
export async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** Builds the application and its package. @returns the package's path. */
export async function buildPackage(o: PackageOptions, say: (doing: string) => void): Promise<string> {
  const arch = archOf(o.arch);
  // Before the work: a wrong key is found out at once.
  await signingKey(o.key, path.join(OUT, 'development-key.pem'));
  const electron = await electronFor(arch, say);
  const packages = arch === process.arch ? root : await foreignPackages(arch, say);
  const nodeSide = path.join(OUT, `node-side-${arch}`);
  say('laying out what runs under Node');
  await layNodeSide(nodeSide, packages, arch);
  say('building the application');
  const application = path.join(OUT, `application-${arch}`);
  await buildApplication({ electron, arch, nodeSide, target: application });
  await cp(path.join(root, 'image/package/root/opt/yichuang'), application, { recursive: true });
  await rm(nodeSide, { recursive: true });
  return packApplication({ ...o, application, electron }, say);
}

/** Signs an application as a release of `version`, and packs it. */
export async function packApplication(
  o: PackageOptions & { application: string; electron: ElectronDistribution & { pinned: boolean } },
  say: (doing: string) => void,
): Promise<string> {
  const key = await signingKey(o.key, path.join(OUT, 'development-key.pem'));
  // Debian sorts `~dev` before the release itself: a terminal takes that for an upgrade.
  const version = o.electron.pinned && o.key !== undefined ? o.version : `${o.version}~dev`;
  const architecture = archOf(o.arch) === 'x64' ? 'amd64' : 'arm64';
  const publicKey = publicPem(key);
  await writeFile(path.join(o.application, 'share/release.pub'), publicKey);
  say('signing');
  await signRelease(o.application, { version, architecture, electron: o.electron.version }, key);
  say('packing');
  const fast = o.fast ?? false;
  return buildDeb({ release: o.application, version, architecture, publicKey, output: OUT, fast });
}

function archOf(name: string): Arch {
  if (name === 'x64' || name === 'arm64') return name;
  throw new SetupError(`there is no terminal for ${name}: give --arch x64 or --arch arm64`);
}

async function electronFor(
  arch: Arch,
  say: (doing: string) => void,
): Promise<ElectronDistribution & { pinned: boolean }> {
  if (arch !== process.arch) return { ...(await provideForeignElectron(arch, say)), pinned: true };
  const choice = await readChoice();
  if (!choice) throw new SetupError('there is no Electron yet: run `npm run setup`');
  return { folder: path.dirname(choice.path), version: choice.version, pinned: choice.source !== 'registry' };
}

/** The packages of the lock file for another processor, in a folder of their own. */
async function foreignPackages(arch: Arch, say: (doing: string) => void): Promise<string> {
  const folder = path.join(OUT, `packages-${arch}`);
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    await copyFile(path.join(root, file), path.join(folder, file));
  }
  say(`installing the packages for ${arch}`);
  const flags = `--no-save --omit=dev --include=optional --ignore-scripts --no-audit --no-fund --os=linux --cpu=${arch} --libc=glibc`;
  const { status, stderr } = await run('npm', ['install', '--prefix', folder, ...flags.split(' ')], {
    env: npmEnvironment(process.env),
  });
  if (status !== 0) throw new SetupError(`the packages for ${arch} could not be installed:\n${stderr}`);
  return folder;
}
