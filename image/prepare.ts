/** The part of set-up that may use packages: Debian's libraries, Electron and the build; then the command itself. */
import path from 'node:path';
import { buildChanged } from './build.ts';
import { provideDebianPackages } from './debian.ts';
import { type ElectronChoice, provideElectron } from './electron.ts';
import { hand, root, runMain, step } from './setup.mjs';

const scripts = new Map([
  ['demo', 'tests/stand/demo.ts'],
  ['test', 'tests/run.ts'],
  ['start', 'tests/stand/start.ts'],
  ['package', 'image/package/main.ts'],
  ['bench', 'tests/bench/main.ts'],
  ['soak', 'tests/soak/main.ts'],
  ['book', 'tests/renderer/book/main.ts'],
]);

async function main([command = '', ...args]: readonly string[]): Promise<number> {
  await step('Debian packages', provideDebianPackages);
  let binary = '';
  await step('Electron', async (say) => {
    const choice = await provideElectron(say);
    binary = choice.path;
    return `${choice.version} ${origins[choice.source]}`;
  });
  await step('Build', buildChanged);

  const script = scripts.get(command);
  if (script === undefined) return 0;
  return hand(process.execPath, [path.join(root, script), ...args], {
    ...process.env,
    YICHUANG_ELECTRON: binary,
    ELECTRON_OVERRIDE_DIST_PATH: path.dirname(binary),
  });
}

const origins: Record<ElectronChoice['source'], string> = {
  pinned: 'from its usual source',
  mirror: 'from ELECTRON_MIRROR',
  registry: 'from the package registry, for development and tests only',
};

await runMain(main);
