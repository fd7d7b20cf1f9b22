/** `vite build` lays the service and the command line into `out/service`: Node starts the bundle in half the time of its sources. */
import { defineConfig } from 'vite';
import { UNBUNDLED } from './package/node-side.ts';
import { root } from './setup.mjs';

const service = `${root}/main/service`;

export default defineConfig({
  root: service,
  build: {
    ssr: true,
    outDir: `${root}/out/service`,
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    license: { fileName: 'LICENSES.md' },
    rolldownOptions: {
      input: {
        main: `${service}/main.ts`,
        cli: `${service}/cli.ts`,
        'typst-worker': `${service}/documents/typst-worker.ts`,
      },
      external: [...UNBUNDLED],
      output: { format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
    },
  },
  ssr: { noExternal: true },
});
