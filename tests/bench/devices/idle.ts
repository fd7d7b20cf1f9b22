/** What three open drivers cost while nothing happens: in a process of their own, the simulated devices in this one. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEscPosPrinter, startIppPrinter, startSamReader } from '#tests/simulators/index.ts';
import type { Figure } from '../figures.ts';

export async function idle(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-idle-'));
  const sam = await startSamReader({ transport: 'pty' });
  const receipts = await startEscPosPrinter({ transport: 'tcp', paperMm: 80 });
  const documents = await startIppPrinter({ folder });
  const connections = [sam, receipts, documents].map(({ connection }) => connection);
  const child = fork(new URL('idle-drivers.ts', import.meta.url), connections);
  try {
    const [cpu] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`the drivers ended with ${code}`))),
    ])) as [number];
    return [{ name: 'three idle drivers, one processor', unit: '%', ours: cpu, floor: null, goal: 1 }];
  } finally {
    child.kill();
    await Promise.all([sam.close(), receipts.close(), documents.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}
