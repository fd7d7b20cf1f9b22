/** The Debian package: the signed release in /opt/yichuang, and what makes a machine run it. */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { terminalPackages } from '../debian.ts';
import { root, run, SetupError } from '../setup.mjs';

const here = path.join(root, 'image/package');

/** Beside Electron's libraries, fonts and window manager: what starts the units, names devices, and what native modules link to. */
const DEPENDS = [
  ...terminalPackages,
  'systemd (>= 252)',
  'udev',
  'libudev1',
  'libusb-1.0-0',
  'libstdc++6',
  'libc6 (>= 2.36)',
];

/** A machine with a display of another kind overrides the unit, and needs no X server. */
const RECOMMENDS = ['xserver-xorg-core', 'xserver-xorg-input-libinput'];

export interface DebOptions {
  /** The signed release. */
  readonly release: string;
  readonly version: string;
  readonly architecture: 'amd64' | 'arm64';
  /** PEM. */
  readonly publicKey: string;
  /** Where the package goes. */
  readonly output: string;
  /** Makes a larger package in less time. */
  readonly fast?: boolean;
}

/** @returns the path of the package. */
export async function buildDeb(o: DebOptions): Promise<string> {
  const work = path.join(o.output, `deb-${o.version}`);
  await rm(work, { recursive: true, force: true });
  await mkdir(path.join(work, 'DEBIAN'), { recursive: true });
  for (const script of await readdir(path.join(here, 'debian'))) {
    await cp(path.join(here, 'debian', script), path.join(work, 'DEBIAN', script));
  }
  await writeFile(path.join(work, 'DEBIAN/release.pub'), o.publicKey);
  await cp(path.join(here, 'root/usr'), path.join(work, 'usr'), { recursive: true });
  await mkdir(path.join(work, 'opt'));
  await cp(o.release, path.join(work, 'opt/yichuang'), { recursive: true });
  await writeFile(path.join(work, 'DEBIAN/control'), await control(o, await size(work)));
  // Nothing of a package is writable for anybody but its owner, whatever mask the builder works under.
  await run('chmod', ['-R', 'go-w,go+rX', work]);

  const file = path.join(o.output, `yichuang_${o.version}_${o.architecture}.deb`);
  const squeeze = o.fast ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6', '--threads-max=0'];
  const { status, stderr } = await run('dpkg-deb', ['--root-owner-group', ...squeeze, '--build', work, file]);
  if (status !== 0) throw new SetupError(`dpkg-deb did not build ${file}:\n${stderr}`);
  await rm(work, { recursive: true });
  return file;
}

/** In KiB, as Debian counts. */
async function size(folder: string): Promise<number> {
  const { stdout } = await run('du', ['-sk', folder]);
  return Number.parseInt(stdout, 10);
}

async function control({ version, architecture }: DebOptions, kibibytes: number): Promise<string> {
  const { description } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    description: string;
  };
  return `Package: yichuang
Version: ${version}
Architecture: ${architecture}
Maintainer: The Yichuang authors
Section: misc
Priority: optional
Installed-Size: ${kibibytes}
Depends: ${DEPENDS.join(', ')}
Recommends: ${RECOMMENDS.join(', ')}
Description: ${description.replace(/^[^:]*: /, '')}
 Screen, core and drivers of a self-service terminal, with their units.
`;
}
