import { err, ok, type Result } from '#contract/result.ts';

/** Where a store is; `uri` is the text that it was read from. */
export type StoreAddress = SqliteAddress | PostgresAddress;

interface SqliteAddress {
  readonly kind: 'sqlite';
  readonly uri: string;
  readonly path: string;
}

export interface PostgresAddress {
  readonly kind: 'postgres';
  readonly uri: string;
  /** undefined: PGUSER, or the user of this process. */
  readonly user: string | undefined;
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Whether the way to it stays on this machine; any other way goes over TLS. */
  readonly local: boolean;
}

const POSTGRES_PORT = 5432;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** Reads `sqlite:PATH` or `postgres://USER@HOST:PORT/DATABASE`; the error is the remedy. */
export function storeAddress(uri: string): Result<StoreAddress, string> {
  if (uri.startsWith('sqlite:') && uri !== 'sqlite:') return ok({ kind: 'sqlite', uri, path: uri.slice(7) });
  if (/^postgres(ql)?:/.test(uri)) return postgresAddress(uri);
  return err('write the store as sqlite:PATH or postgres://USER@HOST:PORT/DATABASE');
}

function postgresAddress(uri: string): Result<PostgresAddress, string> {
  const url = URL.parse(uri);
  if (url && url.password !== '') {
    return err('every user of this machine sees a password in an address: keep it in ~/.pgpass or in PGPASSWORD');
  }
  const [user, host, database] = [url?.username, url?.hostname, url?.pathname.slice(1)].map(decoded);
  if (!url || user === undefined || !host || !database || database.includes('/') || url.search + url.hash !== '') {
    return err('write PostgreSQL as postgres://USER@HOST:PORT/DATABASE; HOST may be the folder of a socket, / as %2F');
  }
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return ok({
    kind: 'postgres',
    uri,
    user: user === '' ? undefined : user,
    host: bare,
    port: url.port === '' ? POSTGRES_PORT : Number(url.port),
    database,
    local: bare.startsWith('/') || LOOPBACK.has(bare),
  });
}

/** @returns undefined where a percent sign stands for nothing. */
function decoded(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
