/** The stores that a gateway may have, for tests that hold on each of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, onTestFinished } from 'vitest';
import { type StoreAddress, storeAddress } from '#gateway/store/address.ts';
import { Cluster } from './cluster.ts';

export interface TestStore {
  readonly address: StoreAddress;
  /** The folder of the keys. */
  readonly keys: string;
  /** The folder of everything that it writes. */
  readonly files: string;
  /** Rows, read apart from the gateway's own code. */
  readonly rows: (sql: string) => Promise<Record<string, unknown>[]>;
  /** Does to it what no gateway does. */
  readonly change: (sql: string) => Promise<void>;
  /** Holds what a batch needs, as another process may. @returns how to let go */
  readonly lock: () => Promise<() => Promise<void>>;
}

/** A folder of the test's own, gone when it ends. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'yichuang-gateway-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

export function addressOf(uri: string): StoreAddress {
  const address = storeAddress(uri);
  if (!address.ok) throw new Error(address.error);
  return address.value;
}

export async function sqliteStore(): Promise<TestStore> {
  const files = testFolder();
  const path = join(files, 'gateway.sqlite');
  const withFile = <T>(use: (db: Database.Database) => T): T => {
    const db = new Database(path);
    try {
      return use(db);
    } finally {
      db.close();
    }
  };
  return {
    address: addressOf(`sqlite:${path}`),
    keys: `${path}.keys`,
    files,
    rows: async (sql) => withFile((db) => db.prepare<[], Record<string, unknown>>(sql).all()),
    change: async (sql) => withFile((db) => void db.exec(sql)),
    async lock() {
      const db = new Database(path);
      db.exec('BEGIN IMMEDIATE');
      return async () => void db.close();
    },
  };
}

let cluster: Promise<Cluster> | null = null;
afterAll(async () => {
  await (await cluster)?.remove();
});

/** One server for a test file, a database for each test. */
export function sharedCluster(): Promise<Cluster> {
  cluster ??= Cluster.start();
  return cluster;
}

export async function postgresStore(): Promise<TestStore> {
  const server = await sharedCluster();
  const database = await server.database();
  return {
    address: addressOf(server.uri(database)),
    keys: testFolder(),
    files: server.folder,
    rows: (sql) => server.query(database, sql),
    change: async (sql) => void (await server.query(database, sql)),
    async lock() {
      const client = await server.connect(database);
      await client.query('BEGIN; SELECT FROM terminals FOR UPDATE');
      return () => client.end();
    },
  };
}

export const stores = [
  { name: 'SQLite', makeStore: sqliteStore },
  { name: 'PostgreSQL', makeStore: postgresStore },
];
