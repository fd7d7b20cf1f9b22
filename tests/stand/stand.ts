import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { hashPin } from '#main/service/staff/pin.ts';
import { type Simulated, startSimulator } from '#tests/simulators/index.ts';
import { GatewayProcess } from './gateway.ts';

const run = promisify(execFile);

/** The PIN of the stand's only worker. */
export const WORKER_PIN = '246810';

export interface StandOptions {
  /** Everything is kept below this folder. */
  readonly folder: string;
  readonly landscape?: boolean;
  /** `false` leaves the terminal as it comes from the factory: it accepts nothing. */
  readonly enrolled?: boolean;
  readonly kiosk?: boolean;
  /** How the ID-card reader and the scanner are reached; a machine of its own sees no pseudo-terminal of ours. */
  readonly lines?: 'pty' | 'tcp';
  /** A program in the place of espeak-ng. */
  readonly speechProgram?: string;
}

/**
 * A terminal's surroundings on one machine: devices that speak their protocols and a district that answers, each a process of its
 * own, and a data folder.
 */
export interface Stand {
  readonly folder: string;
  /** `terminal.yaml`. */
  readonly config: string;
  readonly folders: Readonly<Record<'etc' | 'data' | 'run' | 'log', string>>;
  readonly screen: { readonly width: number; readonly height: number };
  readonly reader: Simulated<'ID-card reader'>;
  readonly receiptPrinter: Simulated<'receipt printer'>;
  readonly documentPrinter: Simulated<'document printer'>;
  readonly scanner: Simulated<'scanner'>;
  readonly network: Simulated<'network'>;
  readonly gateway: GatewayProcess;
  close(): Promise<void>;
}

/** The picture of a 27-inch screen, about 3.2 px/mm either way. */
const PORTRAIT = { widthMm: 337, heightMm: 600, widthPx: 1080, heightPx: 1920 };
const LANDSCAPE = { widthMm: 600, heightMm: 337, widthPx: 1920, heightPx: 1080 };

export async function openStand(options: StandOptions): Promise<Stand> {
  const folder = resolve(options.folder);
  const folders = {
    etc: join(folder, 'terminal', 'etc'),
    data: join(folder, 'terminal', 'data'),
    run: join(folder, 'terminal', 'run'),
    log: join(folder, 'terminal', 'log'),
  };
  for (const path of Object.values(folders)) mkdirSync(path, { recursive: true, mode: 0o700 });
  mkdirSync(join(folder, 'district'), { recursive: true });

  const gateway = new GatewayProcess(join(folder, 'district', 'gateway.sqlite'));
  await gateway.start();
  const transport = options.lines ?? 'pty';
  const [network, reader, receiptPrinter, documentPrinter, scanner, pinHash] = await Promise.all([
    startSimulator('network', { to: gateway.url }),
    startSimulator('ID-card reader', { transport }),
    startSimulator('receipt printer', { transport: 'tcp', paperMm: 80 }),
    startSimulator('document printer', { folder: join(folder, 'paper') }),
    startSimulator('scanner', { transport, suffix: '\r' }),
    hashPin(WORKER_PIN, { bytes: randomBytes }),
  ]);

  const screen = options.landscape ? LANDSCAPE : PORTRAIT;
  const config = join(folders.etc, 'terminal.yaml');
  writeFileSync(
    config,
    stringify({
      community: {
        street: { zh: '友谊路街道', en: 'Youyilu Subdistrict' },
        name: { zh: '测试里社区', en: 'Ceshili Community' },
        phone: '022-5550 0107',
        desk: { zh: '社区服务大厅一号窗口', en: 'Window 1, community service hall' },
        opens: '09:00',
        closes: '17:30',
        estates: [
          { id: 'ceshili', name: { zh: '测试里', en: 'Ceshili' } },
          { id: 'yangliuli', name: { zh: '样例里', en: 'Yangliuli' } },
          { id: 'heyuan', name: { zh: '示范河苑', en: 'Shifan Riverside' } },
        ],
      },
      screen: { ...screen, kiosk: options.kiosk ?? true },
      folders,
      catalogue: resolve('image/catalogue'),
      devices: {
        idCard: { connection: reader.connection },
        receiptPrinter: { connection: receiptPrinter.connection, paperMm: 80 },
        documentPrinter: { connection: documentPrinter.connection },
        scanner: { connection: scanner.connection },
      },
      ...(options.speechProgram !== undefined && { speech: { program: options.speechProgram } }),
      gateway: { url: network.url, idleSeconds: 1 },
      staff: [{ id: 'worker-1', name: '李工', pinHash }],
    }),
  );
  if ((options.enrolled ?? true) && !existsSync(join(folders.etc, 'identity.json'))) {
    const code = await gateway.enrolCode();
    await run(process.execPath, ['main/service/cli.ts', 'enrol', '--config', config, '--code', code]);
  }

  return {
    folder,
    config,
    folders,
    screen: { width: screen.widthPx, height: screen.heightPx },
    reader,
    receiptPrinter,
    documentPrinter,
    scanner,
    network,
    gateway,
    async close() {
      await Promise.all([reader, receiptPrinter, documentPrinter, scanner, network].map((device) => device.close()));
      await gateway.stop();
    },
  };
}
