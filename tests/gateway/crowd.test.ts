import { setTimeout as pause } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { type Answer, BEAT, Client, Journal, ndjson } from './client.ts';
import { onWire, Writer } from './sealing.ts';
import { enrolled, runCli, spawnGateway } from './stand.ts';
import { postgresStore } from './stores.ts';

/** More than there is room for at two gateways. */
const TERMINALS = 300;
const ENTRIES = 10;
const POLL = { timeout: 60_000, interval: 50 };

test('a crowd at two gateways on one PostgreSQL is told to wait in its turn, and all of it gets through once', async () => {
  const { address, keys, rows, change } = await postgresStore();
  const gateways = [
    await spawnGateway(address.uri, '--keys', keys),
    await spawnGateway(address.uri, '--keys', keys),
  ] as const;
  const ran = await runCli('enrol-code', '--store', address.uri, '--count', String(TERMINALS));
  const { codes } = JSON.parse(ran.stdout) as { codes: string[] };
  const terminals: Client[] = [];
  while (terminals.length < TERMINALS) {
    const next = codes.slice(terminals.length, terminals.length + 16);
    terminals.push(...(await Promise.all(next.map((code, i) => enrolled(gateways[i % 2 === 0 ? 0 : 1].url, code)))));
  }
  const told = new Map<number, number>();
  /** In the midst of it the server ends every connection, as when another one takes over. */
  async function fail(): Promise<void> {
    await vi.waitFor(() => expect(told.get(200)).toBeGreaterThan(TERMINALS), POLL);
    await change(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'yichuang-gateway'`);
  }
  /** As a terminal does, with its seconds as tenths, at whichever gateway the proxy chooses. */
  async function persist(i: number, terminal: Client, ask: (at: Client) => Promise<Answer>): Promise<Answer> {
    for (let turn = i; ; turn += 1) {
      const answer = await ask(new Client(gateways[turn % 2 === 0 ? 0 : 1].url, terminal.identity, terminal.key));
      told.set(answer.status, (told.get(answer.status) ?? 0) + 1);
      if (answer.status === 200) return answer;
      expect([429, 503]).toContain(answer.status);
      const retryAfterS = Number(answer.headers.get('retry-after'));
      expect(retryAfterS).toBeGreaterThan(0);
      await pause(100 * retryAfterS);
    }
  }
  const contents = terminals.map(({ identity }) => {
    const writer = new Writer(identity, new Journal(identity.terminalId, 1, identity.suite));
    const day = writer.dayKey();
    const cases = Array.from({ length: ENTRIES - 1 }, () => onWire(writer.case(day.dayKey)));
    return zstdCompressSync(ndjson([day.entry, ...cases]));
  });

  const failing = fail();
  await Promise.all(
    terminals.flatMap((terminal, i) => {
      const content = contents[i] ?? Buffer.alloc(0);
      return [
        persist(i, terminal, (at) => at.batch(content)),
        // An answer was late, and the proxy sends the same to the other one.
        ...(i % 4 === 0 ? [persist(i + 1, terminal, (at) => at.batch(content))] : []),
        persist(i, terminal, (at) => at.heartbeat(BEAT)),
        persist(i, terminal, (at) => at.request('GET', '/v1/terminals/self/cursor', null)),
      ];
    }),
  );

  await failing;
  for (const status of [429, 503]) expect(told.get(status)).toBeGreaterThan(0);
  const [stored] = await rows(
    `SELECT count(*) AS entries, count(DISTINCT id) AS ids FROM entries WHERE state = 'stored'`,
  );
  expect(stored).toEqual({ entries: TERMINALS * ENTRIES, ids: TERMINALS * ENTRIES });
  await vi.waitFor(async () => {
    const [{ cases } = {}] = await rows('SELECT count(*) AS cases FROM cases');
    expect(cases).toBe(TERMINALS * (ENTRIES - 1));
  }, POLL);
  expect(await rows('SELECT code FROM quarantine')).toEqual([]);
  for (const gateway of gateways) expect(await gateway.end('SIGTERM')).toBe(0);
});
