import { defineConfig } from 'vitest/config';

const shared = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'rooms',
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: ['tests/visits/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'visits',
          include: ['tests/visits/**/*.test.ts'],
          // One terminal at a time: two cores carry one Electron with its service, gateway and devices.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
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
        'main/service/{cli,main}.ts',
        'main/service/cli/**',
        'main/service/documents/typst-worker.ts',
        'main/shell/{main,preload,lockdown,screens,channels}.ts',
        'renderer/main.tsx',
      ],
      reporter: ['text-summary', 'html', 'json-summary'],
      reportsDirectory: 'out/coverage',
    },
  },
});
