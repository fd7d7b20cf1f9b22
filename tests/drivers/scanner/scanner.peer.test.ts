import iconv from 'iconv-lite';
import { afterEach, describe, expect, it } from 'vitest';
import { parseConnection } from '#contract/connection.ts';
import type { Scan } from '#contract/devices.ts';
import { systemTimers, type Timers } from '#drivers/common/port.ts';
import { openScanner, type Scanner } from '#drivers/index.ts';
import { type Scanner as Simulated, startScanner } from '#tests/simulators/index.ts';

/** On a busy machine bytes that follow each other come far apart: the driver's time goes slower here. */
const SLOWER = 5;
const timers: Timers = { after: (ms, run) => systemTimers().after(ms * SLOWER, run) };

let simulated: Simulated;
let scanner: Scanner;
let heard: Scan[];

async function open(transport: 'tcp' | 'pty', suffix: '\r' | '\n' | '\r\n' | ''): Promise<void> {
  simulated = await startScanner({ transport, suffix });
  const connection = parseConnection(simulated.connection);
  if (!connection.ok) throw new Error(connection.error.remedy);
  scanner = openScanner({ connection: connection.value, timers });
  heard = [];
  scanner.onScan((scan) => heard.push(scan.reveal()));
  await ready();
}

async function ready(): Promise<void> {
  await expect.poll(() => [scanner.state.state, simulated.hosts]).toEqual(['ready', 1]);
}

afterEach(async () => {
  await scanner.close();
  await simulated.close();
});

const NUMBER = '120103-000701-261125-0012-X';

describe.each(['tcp', 'pty'] as const)('a scanner that was written from the sheet alone, by %s', (transport) => {
  it.each(['\r', '\n', '\r\n'] as const)('is heard with the suffix %j', async (suffix) => {
    await open(transport, suffix);
    await simulated.scan(NUMBER);
    await simulated.scan('社区𠮷');
    await simulated.scan(iconv.encode('社区服务', 'gb18030'));
    await simulated.scan('');
    await simulated.scan('a'.repeat(4_097));
    await simulated.scan('end');
    const texts = ['社区𠮷', '社区服务', 'end'].map((text) => ({ kind: 'text', text }));
    await expect.poll(() => heard).toEqual([{ kind: 'receipt', number: NUMBER }, ...texts]);
  });

  it('is heard without a suffix', async () => {
    await open(transport, '');
    await simulated.scan(NUMBER);
    await expect.poll(() => heard).toEqual([{ kind: 'receipt', number: NUMBER }]);
    await simulated.scan('next');
    await expect.poll(() => heard.at(-1)).toEqual({ kind: 'text', text: 'next' });
  });

  it('is heard byte by byte', async () => {
    await open(transport, '\r');
    simulated.faults.slowBytes(5);
    await simulated.scan(NUMBER);
    await expect.poll(() => heard).toEqual([{ kind: 'receipt', number: NUMBER }]);
  });

  it('comes back after it was unplugged, and the scan that this tore is not told', async () => {
    await open(transport, '\r\n');
    simulated.faults.tearNext();
    await simulated.scan(NUMBER);
    await expect.poll(() => scanner.state.state).toBe('away');
    await simulated.plug();
    await ready();
    await simulated.scan('whole');
    await expect.poll(() => heard).toEqual([{ kind: 'text', text: 'whole' }]);
  });
});
