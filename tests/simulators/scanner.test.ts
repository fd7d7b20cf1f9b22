import { afterEach, describe, expect, it } from 'vitest';
import { connectHost, type Host } from './host.ts';
import { type Scanner, startScanner } from './index.ts';

let scanner: Scanner;
let host: Host;

async function start(suffix: '\r' | '\n' | '\r\n' | '' = '\r'): Promise<void> {
  scanner = await startScanner({ transport: 'tcp', suffix });
  await connectAgain();
}

async function connectAgain(): Promise<void> {
  host = await connectHost(scanner.connection);
  await expect.poll(() => scanner.hosts).toBe(1);
}

afterEach(async () => {
  host.close();
  await scanner.close();
});

describe('what is scanned', () => {
  it.each([
    ['\r', '41 0D 42 0D'],
    ['\n', '41 0A 42 0A'],
    ['\r\n', '41 0D 0A 42 0D 0A'],
    ['', '41 42'],
  ] as const)('comes with the suffix %j', async (suffix, bytes) => {
    await start(suffix);
    await scanner.scan('A');
    await scanner.scan('B');
    expect(await host.next(bytes.split(' ').length)).toBe(bytes);
  });

  it('comes as UTF-8, or as the bytes that are given', async () => {
    await start();
    await scanner.scan('社');
    await scanner.scan(Uint8Array.of(0xc9, 0xe7));
    expect(await host.next(7)).toBe('E7 A4 BE 0D C9 E7 0D');
  });

  it('is lost without a host', async () => {
    await start();
    host.close();
    await expect.poll(() => scanner.hosts).toBe(0);
    await scanner.scan('lost');
    await connectAgain();
    await scanner.scan('A');
    expect(await host.next(2)).toBe('41 0D');
  });
});

describe('faults', () => {
  it('loses one scan, or every one until told otherwise', async () => {
    await start();
    scanner.faults.loseScans('next');
    await scanner.scan('A');
    await scanner.scan('B');
    scanner.faults.loseScans('every');
    await scanner.scan('C');
    await scanner.scan('D');
    scanner.faults.loseScans('none');
    await scanner.scan('E');
    expect(await host.next(4)).toBe('42 0D 45 0D');
  });

  it('sends slow bytes until told otherwise', async () => {
    await start();
    scanner.faults.slowBytes(20);
    const before = performance.now();
    await scanner.scan('ABC');
    expect(performance.now() - before).toBeGreaterThan(60);
    scanner.faults.slowBytes(0);
    await scanner.scan('D');
    expect(await host.next(6)).toBe('41 42 43 0D 44 0D');
  });

  it('tears one scan, and is back at the same place when plugged in', async () => {
    await start();
    scanner.faults.tearNext();
    await scanner.scan('ABC');
    await host.ended;
    expect(await host.next(2)).toBe('41 42');
    await expect.poll(() => scanner.hosts).toBe(0);
    await scanner.plug();
    await connectAgain();
    await scanner.scan('D');
    expect(await host.next(2)).toBe('44 0D');
  });
});
