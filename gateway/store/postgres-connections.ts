import { Client, type ClientBase, type ClientConfig, DatabaseError, Pool, TypeOverrides, types } from 'pg';
import type { PostgresAddress } from './address.ts';
import { StoreBusy } from './busy.ts';

/** Connections of one gateway; as many requests are answered at once, the others wait for their turn. */
const CONNECTIONS = 10;
const CONNECT_MS = 5000;
const STATEMENT_MS = 15_000;
/** Longer than the server's own limit: it only ends what a lost network leaves without an answer. */
const ANSWER_MS = 20_000;
/** A worker that hangs, or whose machine is gone, gives its work back after this time. */
const IDLE_WORK_MS = 60_000;

/** Named, whatever this role or database is set to: after a wait for a lock, the next statement sees what the other wrote. */
const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';

/** Every number in the store is a safe integer: the wire admits no other. */
const safeIntegers = new TypeOverrides();
safeIntegers.setTypeParser(types.builtins.INT8, Number);

/** Prepared by each connection once, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Runs one statement. @throws StoreBusy when the same may succeed later. */
export type Run = <Row extends object>(statement: Statement, values: readonly unknown[]) => Promise<Row[]>;

/** Statements that are written together or not at all; ends with exactly one of `commit` and `rollback`. */
export interface Transaction {
  readonly run: Run;
  /** Resolves when everything is on the disk. @throws StoreBusy when that is not known. */
  readonly commit: () => Promise<void>;
  /** Never fails: what the server does not hear of, it rolls back by itself. */
  readonly rollback: () => Promise<void>;
}

export interface Connections {
  readonly run: Run;
  readonly begin: () => Promise<Transaction>;
  /** Commits what `work` did, unless it throws. */
  readonly transaction: <T>(work: (run: Run) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

/** @param busyMs milliseconds to wait for what another process has locked */
export function connect(address: PostgresAddress, busyMs: number): Connections {
  const pool = new Pool({
    ...clientConfig(address),
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    lock_timeout: busyMs,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    idle_in_transaction_session_timeout: IDLE_WORK_MS,
  });
  // A connection that breaks while nobody asks anything tells it here; whoever asks next hears of it in his answer.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));

  const checkOut = () =>
    pool.connect().catch((error: unknown) => {
      throw new StoreBusy(codeOf(error));
    });

  async function once<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const client = await checkOut();
    try {
      const rows = await runOn(client)<Row>(statement, values);
      client.release();
      return rows;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  async function begin(): Promise<Transaction> {
    const client = await checkOut();
    const say = async (word: typeof BEGIN | 'COMMIT' | 'ROLLBACK') => {
      try {
        await client.query(word);
        if (word !== BEGIN) client.release();
      } catch (error) {
        client.release(true);
        throw told(error);
      }
    };
    await say(BEGIN);
    return {
      run: runOn(client),
      commit: () => say('COMMIT'),
      rollback: () => say('ROLLBACK').catch(() => undefined),
    };
  }

  async function transaction<T>(work: (run: Run) => Promise<T>): Promise<T> {
    const { run, commit, rollback } = await begin();
    let result: T;
    try {
      result = await work(run);
    } catch (error) {
      await rollback();
      throw error;
    }
    await commit();
    return result;
  }

  return { run: once, begin, transaction, close: () => pool.end() };
}

function runOn(client: ClientBase): Run {
  return async <Row extends object>({ name, text }: Statement, values: readonly unknown[]) => {
    try {
      return (await client.query<Row>({ name, text, values: [...values] })).rows;
    } catch (error) {
      throw told(error);
    }
  };
}

/** One connection by itself, without the limits of requests: what is done before anything is answered. */
export async function withClient<T>(address: PostgresAddress, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ ...clientConfig(address), connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}

function clientConfig({ host, port, user, database, local }: PostgresAddress): ClientConfig {
  return {
    host,
    port,
    database,
    ...(user === undefined ? {} : { user }),
    // The certificate must be the host's, by an authority that Node knows (NODE_EXTRA_CA_CERTS adds one's own).
    ssl: local ? false : { host },
    application_name: 'yichuang-gateway',
    // Acknowledged is durable, whatever this role or database is set to.
    options: '-c synchronous_commit=on',
    types: safeIntegers,
  };
}

/**
 * SQLSTATE classes (PostgreSQL, appendix A) that say nothing about the request: connection lost (08), serialization and deadlock (40),
 * resources (53), the operator (57), the system (58); and single codes: a server that only reads (25006) or gave up on an
 * idle transaction (25P03), a lock that others hold (55P03).
 */
const BUSY = /^(08|40|53|57|58)...$|^(25006|25P03|55P03)$/;

/** What a failed statement means; the server's own message is left out, since it may repeat values. */
function told(error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof DatabaseError) {
    return BUSY.test(code) ? new StoreBusy(code) : Object.assign(new Error(`PostgreSQL refused: ${code}`), { code });
  }
  // What the connection says, with and without a code; a mistake of ours is another kind of error.
  return error instanceof TypeError ? error : new StoreBusy(code);
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'connection';
}
