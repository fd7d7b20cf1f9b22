import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBuilder } from 'vite';
import { stringify } from 'yaml';
import { z } from 'zod';

const Service = z.object({ pid: z.int(), node: z.string(), env: z.record(z.string(), z.string()) });

/** A folder that holds the real shell, freshly built, with a tiny page and a tiny service in the place of ours. */
export interface Installation {
  readonly application: string;
  readonly config: string;
  /** Folders of the terminal. */
  readonly run: string;
  readonly log: string;
  /** What the service that was started last said of itself. */
  service(): z.infer<typeof Service>;
  remove(): void;
}

/** @param screen the section of `terminal.yaml`; a wrong one makes a wrong file. */
export async function install(screen: Readonly<Record<string, unknown>>): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'yichuang-shell-'));
  const application = join(folder, 'application');
  const here = import.meta.dirname;
  mkdirSync(join(application, 'out/service'), { recursive: true });
  cpSync(join(here, 'terminal/screens'), join(application, 'out/renderer'), { recursive: true });
  const service = readFileSync(new URL('./terminal/service/main.ts', import.meta.url), 'utf8');
  writeFileSync(join(application, 'out/service/main.mjs'), stripTypeScriptTypes(service));
  writeFileSync(join(application, 'package.json'), JSON.stringify({ name: 'yichuang', main: 'out/shell/main.cjs' }));
  const build = { outDir: join(application, 'out/shell'), emptyOutDir: false };
  const builder = await createBuilder({
    configFile: 'main/shell/vite.config.ts',
    logLevel: 'error',
    environments: { main: { build }, preload: { build } },
  });
  await builder.buildApp();

  const folders = { etc: folder, data: join(folder, 'data'), run: join(folder, 'run'), log: join(folder, 'log') };
  const config = join(folder, 'terminal.yaml');
  const name = { zh: '测试', en: 'Test' };
  writeFileSync(
    config,
    stringify({
      community: {
        street: name,
        name,
        phone: '022-5550 0107',
        desk: name,
        opens: '09:00',
        closes: '17:30',
        estates: [{ id: 'test', name }],
      },
      screen,
      folders,
      catalogue: 'catalogue',
      devices: {
        idCard: { connection: 'tcp:127.0.0.1:1' },
        receiptPrinter: { connection: 'tcp:127.0.0.1:1', paperMm: 80 },
        documentPrinter: { connection: 'ipp://127.0.0.1:1/print' },
      },
      gateway: { url: 'http://127.0.0.1:1' },
      staff: [{ id: 'worker', name: '李工', pinHash: `scrypt$1024$8$1$${'s'.repeat(22)}$${'h'.repeat(43)}` }],
    }),
  );
  return {
    application,
    config,
    run: folders.run,
    log: folders.log,
    service: () => Service.parse(JSON.parse(readFileSync(join(folder, 'service.json'), 'utf8'))),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  };
}
