import { defineConfig } from 'vitest/config';

// Limits only end what hangs: a busy machine is many times slower than an idle one.
const shared = { testTimeout: 240_000, hookTimeout: 240_000, expect: { poll: { timeout: 15_000 } } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'rooms',
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: ['tests/visits/**', 'tests/package/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'visits',
          include: ['tests/visits/**/*.test.ts'],
          // One terminal at a time: two cores carry one Electron with its service, gateway and devices.
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'package',
          include: ['tests/package/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['contract/**/*.ts', 'drivers/**/*.ts', 'main/**/*.ts', 'renderer/**/*.{ts,tsx}', 'gateway/**/*.ts'],
      exclude: [
        '**/vite.config.ts',
        // Types only.
        '**/*.d.ts',
        'drivers/**/port.ts',
        'drivers/index.ts',
        'gateway/store/store.ts',
        'gateway/intake/messages.ts',
        'main/service/visit/ports.ts',
        // Entries of processes of their own, which this count does not see: tests/service/cli and main.test.ts,
        // tests/gateway (cli, process, intake), tests/shell in Electron, and the visits run them.
        'gateway/{cli,serve}.ts',
        'gateway/intake/{intake.worker,supervisor}.ts',
        'main/service/{cli,main,fleet/cli}.ts',
        'main/service/cli/**',
        'main/service/documents/typst-worker.ts',
        'main/shell/{main,preload,lockdown,screens,channels}.ts',
        'renderer/main.tsx',
        'renderer/input/pinyin/pinyin.worker.ts',
      ],
      reporter: ['text-summary', 'html', 'json-summary'],
      reportsDirectory: 'out/coverage',
    },
  },
});
