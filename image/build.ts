/** Builds what has to be built before it can run: the keyboard's dictionary, the screens, the shell and the service. What else runs under Node needs no build. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { writeDictionary } from './dictionary.ts';
import { fingerprint, whenChanged } from './fingerprint.ts';
import { writeHandwriting } from './handwriting.ts';
import { root, run, SetupError } from './setup.mjs';

const common = ['contract', 'package.json', 'package-lock.json', 'tsconfig.json'];
const DICTIONARY = 'out/dictionary';
const products = [
  {
    name: 'dictionary',
    make: async () => {
      await writeDictionary(DICTIONARY);
      await writeHandwriting(DICTIONARY);
    },
    inputs: ['image/dictionary.ts', 'image/handwriting.ts', 'image/characters.json', 'package-lock.json'],
    output: DICTIONARY,
  },
  {
    name: 'screens',
    make: () => build('renderer/vite.config.ts'),
    inputs: ['renderer', DICTIONARY, ...common],
    output: 'out/renderer',
  },
  {
    name: 'shell',
    make: () => build('main/shell/vite.config.ts'),
    inputs: ['main/shell', 'main/common', ...common],
    output: 'out/shell',
  },
  {
    name: 'service',
    make: () => build('image/service.vite.config.ts'),
    inputs: [
      'main/service',
      'main/common',
      'drivers',
      'image/service.vite.config.ts',
      'image/package/node-side.ts',
      ...common,
    ],
    output: 'out/service',
  },
] as const;

/** Builds those of which an input changed, or whose output is gone. */
export async function buildChanged(say: (doing: string) => void): Promise<string> {
  const built: string[] = [];
  for (const { name, make, inputs, output } of products) {
    const record = path.join(root, 'out/setup', name);
    if (!existsSync(path.join(root, output))) await rm(record, { force: true });
    const changed = await whenChanged(record, await fingerprint(root, inputs), async () => {
      say(`building the ${name}`);
      await make();
    });
    if (changed) built.push(name);
  }
  return built.length === 0 ? 'up to date' : `built the ${built.join(' and the ')}`;
}

async function build(config: string): Promise<void> {
  const vite = path.join(root, 'node_modules/vite/bin/vite.js');
  const { status, stdout, stderr } = await run(
    process.execPath,
    [vite, 'build', '--config', config, '--logLevel', 'warn'],
    { env: { ...process.env, NO_COLOR: '1' } },
  );
  if (status !== 0) throw new SetupError(`${config} does not build:\n${stdout}${stderr}`);
}
