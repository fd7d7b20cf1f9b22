/**
 * PouchDB and its server as they were installed below `out/`, both on a LevelDB that is made to write durably. Only what the bench uses of
 * them is described.
 */

import type { Agent } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';

interface Database {
  bulkDocs(documents: readonly object[]): Promise<readonly { readonly ok?: boolean }[]>;
  readonly replicate: {
    to(target: Database, options: object): Promise<{ readonly ok: boolean; readonly docs_written: number }>;
  };
  info(): Promise<{ readonly doc_count: number }>;
  close(): Promise<void>;
}

type Fetch = (url: string, options: { readonly body?: string; readonly agent?: Agent }) => Promise<unknown>;

interface Databases {
  new (name: string, options?: { readonly fetch: Fetch }): Database;
  readonly fetch: Fetch;
  defaults(options: { readonly prefix?: string; readonly db: unknown }): Databases;
}

type Done = (problem?: Error) => void;

interface LevelDown {
  readonly _put: (key: unknown, value: unknown, options: object, done: Done) => void;
  readonly _del: (key: unknown, options: object, done: Done) => void;
  readonly _batch: (operations: unknown, options: object, done: Done) => void;
}

interface Library {
  readonly PouchDB: Databases;
  /** Serves databases on a free port of loopback. @returns its address */
  readonly serve: (databases: Databases, logPath: string) => Promise<string>;
}

/** @param prefix the databases' folder */
export function openLibrary(installed: string, prefix: string): Library {
  const load = createRequire(join(installed, 'package.json'));
  const leveldown = load('leveldown') as (location: string) => LevelDown;
  const databases = load('pouchdb') as Databases;

  /** As shipped nothing is forced to the disk, and a power cut takes the last seconds. */
  function durable(location: string): LevelDown {
    const level = leveldown(location);
    const { _put: put, _del: del, _batch: batch } = level;
    const own: LevelDown = {
      _put: (key, value, options, done) => put.call(level, key, value, { ...options, sync: true }, done),
      _del: (key, options, done) => del.call(level, key, { ...options, sync: true }, done),
      _batch: (operations, options, done) => batch.call(level, operations, { ...options, sync: true }, done),
    };
    return Object.assign(level, own);
  }

  return {
    PouchDB: databases.defaults({ prefix: `${prefix}/`, db: durable }),
    async serve(served, logPath) {
      const application = (load('express-pouchdb') as (databases: Databases, options: object) => Listener)(served, {
        mode: 'minimumForPouchDB',
        inMemoryConfig: true,
        logPath,
      });
      const server = await new Promise<Server>((listening) => {
        const made = application.listen(0, '127.0.0.1', () => listening(made));
      });
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
  };
}

interface Listener {
  listen(port: number, host: string, done: () => void): Server;
}
