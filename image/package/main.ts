/**
 * `npm run package`: the application as it is installed, and the Debian package, in `out/package`.
 * `--arch arm64` for the other processor, `--key FILE` for the vendor's signing key, `--fast` for a larger package in less time.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, runMain, step } from '../setup.mjs';
import { buildPackage, readVersion } from './package.ts';

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      arch: { type: 'string', default: process.arch },
      key: { type: 'string' },
      fast: { type: 'boolean', default: false },
    },
  });
  let file = '';
  await step('Package', async (say) => {
    file = await buildPackage({ ...values, version: await readVersion() }, say);
    return path.relative(root, file);
  });
  return 0;
}

await runMain(main);
