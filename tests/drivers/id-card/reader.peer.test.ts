import { afterEach, describe, expect, it } from 'vitest';
import { parseConnection } from '#contract/connection.ts';
import { type IdCardReader, openIdCardReader } from '#drivers/index.ts';
import { type SamReader, startSamReader, syntheticResident } from '#tests/simulators/index.ts';

let sam: SamReader;
let reader: IdCardReader;

async function open(transport: 'tcp' | 'pty', rate: 'given' | 'auto' = 'given'): Promise<void> {
  sam = await startSamReader({ transport });
  const connection = parseConnection(rate === 'auto' ? sam.connection.replace(/\?baud=.*/, '') : sam.connection);
  if (!connection.ok) throw new Error(connection.error.remedy);
  reader = openIdCardReader({ connection: connection.value });
}

async function kind(): Promise<string> {
  const read = await reader.read(AbortSignal.timeout(25_000));
  return read.ok ? read.value.reveal().kind : read.error.code;
}

afterEach(async () => {
  await reader.close();
  await sam.close();
});

describe.each(['tcp', 'pty'] as const)('a reader that was written from the sheet alone, by %s', (transport) => {
  it('is read, lifted, and read again', async () => {
    await open(transport);
    const card = syntheticResident();
    sam.layCard(card);
    expect(await kind()).toBe('resident');
    expect(await reader.presence()).toBe('present');
    sam.liftCard();
    await expect.poll(() => reader.presence()).toBe('absent');
    sam.layCard(card);
    expect(await kind()).toBe('resident');
  });

  it('comes back after it was unplugged', async () => {
    await open(transport);
    const read = kind();
    await expect.poll(() => reader.state.state).toBe('looking');
    await sam.unplug();
    await expect.poll(() => reader.state.state, { timeout: 10_000 }).toBe('away');
    await sam.plug();
    sam.layCard(syntheticResident());
    expect(await read).toBe('resident');
  });
});

describe.each([115_200, 9_600])('a reader on a line of %i baud', (paced) => {
  it('is read, and its answers come byte by byte', async () => {
    sam = await startSamReader({ transport: 'pty', baud: paced, paced });
    const connection = parseConnection(sam.connection);
    if (!connection.ok) throw new Error(connection.error.remedy);
    reader = openIdCardReader({ connection: connection.value });
    sam.layCard(syntheticResident());
    expect(await kind()).toBe('resident');
    expect(sam.requests).not.toContain('noise');
  });

  it('whose rate is not told is found', async () => {
    sam = await startSamReader({ transport: 'pty', baud: paced, paced });
    const connection = parseConnection(sam.connection.replace(/\?baud=.*/, ''));
    if (!connection.ok) throw new Error(connection.error.remedy);
    reader = openIdCardReader({ connection: connection.value });
    sam.layCard(syntheticResident());
    expect(await kind()).toBe('resident');
  });
});

describe('a reader with faults', () => {
  it('whose rate is not known, and which is silent at first', async () => {
    await open('pty', 'auto');
    sam.faults.silentFor(2);
    sam.layCard(syntheticResident());
    expect(await kind()).toBe('resident');
  });

  it.each<[string, (faults: SamReader['faults']) => void]>([
    ['single bytes', (faults) => faults.singleBytes(true)],
    ['noise before frames', (faults) => faults.noiseBeforeFrames(Uint8Array.of(0xaa, 0xaa, 0x96, 0x00, 0xff))],
    ['one wrong checksum', (faults) => faults.corruptNextChecksum()],
    ['one wrong length', (faults) => faults.wrongLengthNext()],
    ['one failed read', (faults) => faults.failNextRead(0x41)],
    ['silence for the first requests', (faults) => faults.silentFor(3)],
  ])('is read all the same: %s', async (_, twist) => {
    await open('tcp');
    twist(sam.faults);
    sam.layCard(syntheticResident());
    expect(await kind()).toBe('resident');
  });

  it('says that a card was lifted, and reads it when it is laid down again', async () => {
    await open('tcp');
    sam.faults.liftDuringRead();
    const states: string[] = [];
    reader.onState((state) => states.push(state.state === 'unreadable' ? state.why : state.state));
    sam.layCard(syntheticResident());
    const read = kind();
    await expect.poll(() => states).toContain('lifted');
    sam.layCard(syntheticResident());
    expect(await read).toBe('resident');
  });
});
