import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the screens to plain files that the shell serves; the target is the oldest runtime that shows them. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  // The keyboard's dictionary and the model of its handwriting, as image/dictionary.ts and image/handwriting.ts write them.
  publicDir: '../out/dictionary',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    target: 'chrome130',
    cssTarget: 'chrome130',
    license: { fileName: 'LICENSES.md' },
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
