/** What the whole service costs while nobody is there: a process of its own, its simulated devices in this one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import { FromService } from '#contract/calls.ts';
import { enrol, settings } from '#tests/service/fixture.ts';
import { startEscPosPrinter, startIppPrinter, startSamReader, startScanner } from '#tests/simulators/index.ts';
import type { Figure } from '../figures.ts';
import { lookAt } from '../visit/probe.ts';

/** Until what the start left to do is done, and how long is watched then. */
const REST_MS = 8_000;
const WATCH_MS = 60_000;

export async function idle(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-idle-'));
  const reader = await startSamReader({ transport: 'pty' });
  const receipts = await startEscPosPrinter({ transport: 'tcp', paperMm: 80 });
  const documents = await startIppPrinter({ folder: join(folder, 'printer') });
  const scanner = await startScanner({ transport: 'pty', suffix: '\r' });
  const config = join(folder, 'terminal.yaml');
  enrol(join(folder, 'etc'));
  const devices = {
    idCard: { connection: reader.connection },
    receiptPrinter: { connection: receipts.connection, paperMm: 80 },
    documentPrinter: { connection: documents.connection },
    scanner: { connection: scanner.connection },
  };
  writeFileSync(config, stringify({ ...settings, devices }));
  const service = spawn(
    process.execPath,
    [resolve('out/service/main.mjs'), '--config', config, '--screen-descriptor', '3'],
    { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] },
  );
  try {
    const health = healthOf(service);
    await pause(REST_MS);
    const before = secondsOf(service);
    const asked = reader.requests.length;
    const began = performance.now();
    await pause(WATCH_MS);
    const share = ((secondsOf(service) - before) * 100_000) / (performance.now() - began);
    if (health.is !== 'well' || scanner.hosts !== 1 || reader.requests.length === asked) {
      throw new Error(`a device was not served; the terminal is ${health.is}`);
    }
    return [{ name: 'idle service, four devices, one processor', unit: '%', ours: share, floor: null, goal: 1 }];
  } finally {
    service.kill();
    await once(service, 'exit');
    await Promise.all([reader.close(), receipts.close(), documents.close(), scanner.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the service says of the terminal, kept true. */
function healthOf(service: ChildProcess): { is: string } {
  const health = { is: 'silent' };
  createInterface({ input: service.stdio[3] as Readable }).on('line', (line) => {
    const said = FromService.parse(JSON.parse(line));
    if (said.type === 'event' && said.event.event === 'terminal') health.is = said.event.terminal.health.is;
  });
  return health;
}

function secondsOf({ pid = 0 }: ChildProcess): number {
  return lookAt(pid).reduce((sum, { seconds }) => sum + seconds, 0);
}
