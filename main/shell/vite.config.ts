import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { defineConfig, type EnvironmentOptions } from 'vite';
import { z } from 'zod';

const { devDependencies } = z
  .object({ devDependencies: z.object({ electron: z.string() }) })
  .parse(JSON.parse(readFileSync(`${import.meta.dirname}/../../package.json`, 'utf8')));

const FOREIGN = ['electron', /^node:/, ...builtinModules];

/** One self-contained CommonJS file: a sandboxed preload script can be nothing else, and both Electrons load it alike. */
function bundle(name: string, emptyOutDir: boolean): EnvironmentOptions {
  return {
    consumer: 'server',
    resolve: { noExternal: true, external: ['electron'] },
    build: {
      outDir: '../../out/shell',
      emptyOutDir,
      target: 'node20',
      minify: false,
      license: { fileName: `LICENSES.${name}.md` },
      rolldownOptions: {
        input: `${import.meta.dirname}/${name}.ts`,
        external: FOREIGN,
        output: { format: 'cjs', entryFileNames: `${name}.cjs`, codeSplitting: false },
      },
    },
  };
}

/** `vite build` lays `main.cjs` and `preload.cjs` into `out/shell`. */
export default defineConfig({
  root: import.meta.dirname,
  define: { PINNED_ELECTRON: JSON.stringify(devDependencies.electron) },
  environments: { main: bundle('main', true), preload: bundle('preload', false) },
  builder: {
    async buildApp(builder) {
      for (const environment of [builder.environments['main'], builder.environments['preload']]) {
        if (environment) await builder.build(environment);
      }
    },
  },
});
