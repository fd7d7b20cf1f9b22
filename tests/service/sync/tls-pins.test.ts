import { readFileSync } from 'node:fs';
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { enrolByCode } from '#main/service/identity/enrol.ts';
import { issued } from '#tests/gateway/certificate.ts';
import { startGateway } from '#tests/gateway/stand.ts';
import { sqliteStore } from '#tests/gateway/stores.ts';
import { helpEntry } from '../journal/fixture.ts';
import { openData } from '../store/fixture.ts';
import { enrolledAt } from './at-gateway.ts';

const YEAR_MS = 365 * 86_400_000;

function districtWith({ files }: ReturnType<typeof issued>) {
  return startGateway(sqliteStore, { tls: files });
}

type District = Awaited<ReturnType<typeof startGateway>>;

/** What a terminal says of enrolling there. */
async function enrolling(gateway: District, tlsPins?: readonly string[]) {
  const result = await enrolByCode({
    etc: openData().folders.etc,
    url: gateway.url,
    tlsPins,
    code: await gateway.newCode(),
  });
  return result.ok ? 'enrolled' : `${result.error.code}: ${result.error.detail}`;
}

async function bringsEntry(gateway: District, tlsPins?: string[]): Promise<void> {
  const { book, engine } = await enrolledAt(gateway.url, await gateway.newCode(), 'standard', tlsPins);
  book.write(helpEntry());
  const heard = new Promise<void>((resolve) => engine.onAcknowledged(() => resolve()));
  engine.start();
  await heard;
}

it('takes the pinned key of an expired certificate that nobody vouches for, beside a key that is kept for later', async () => {
  const certificate = issued({ from: -30, until: -1 });
  const gateway = await districtWith(certificate);
  await bringsEntry(gateway, [issued().pin, certificate.pin]);
  expect(await enrolling(gateway)).toMatch(/^gateway-away: .*(SELF_SIGNED|EXPIRED)/);
});

it('finds the right time with a clock that is a year slow', async () => {
  const certificate = issued({ from: 360, until: 400 });
  const gateway = await districtWith(certificate);
  gateway.clock.offsetMs = YEAR_MS;
  await bringsEntry(gateway, [certificate.pin]);
  expect(gateway.logged.filter((line) => line.includes('"status":401'))).toHaveLength(1);
});

it('refuses another key, also one that an authority of the system vouches for', async () => {
  const certificate = issued();
  const gateway = await districtWith(certificate);
  const before = getCACertificates('default');
  onTestFinished(() => setDefaultCACertificates(before));
  setDefaultCACertificates([...before, certificate.pem]);
  expect(await enrolling(gateway)).toBe('enrolled');
  expect(await enrolling(gateway, [issued().pin])).toMatch(/^not-the-gateway: .*its TLS key is not pinned$/);
});

it('goes offline when the key is another one at once, and sends it nothing', async () => {
  const certificate = issued();
  const gateway = await districtWith(certificate);
  const { book, engine } = await enrolledAt(gateway.url, await gateway.newCode(), 'standard', [certificate.pin]);
  book.write(helpEntry());
  const { port } = new URL(gateway.url);
  await gateway.close();
  const { files } = issued();
  let received = 0;
  const thief = createServer({ cert: readFileSync(files.cert), key: readFileSync(files.key) }, (socket) => {
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length;
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => thief.listen(Number(port), '127.0.0.1', resolve));
  onTestFinished(() => void thief.close());
  const offline = new Promise<unknown>((resolve) => {
    engine.onChange(({ state }) => {
      if (state.at === 'offline') resolve(state.why);
    });
  });
  engine.start();
  expect(await offline).toBe('not-the-gateway: its TLS key is not pinned');
  expect(received).toBe(0);
});
