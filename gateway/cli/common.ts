/** What the commands of `yichuang gateway` share. */
import { randomUUID } from 'node:crypto';
import { InvalidArgumentError } from 'commander';
import type { Result } from '#contract/result.ts';
import { keysFolder } from '../identity/keys.ts';
import { type StoreAddress, storeAddress } from '../store/address.ts';
import { openStore } from '../store/open.ts';
import type { GatewayStore } from '../store/store.ts';

/** A commander argument parser out of a function that gives a value or a remedy. */
export function argument<T>(read: (text: string) => Result<T, string>): (text: string) => T {
  return (text) => {
    const result = read(text);
    if (!result.ok) throw new InvalidArgumentError(result.error);
    return result.value;
  };
}

export const storeOption = [
  '--store <uri>',
  'the store, sqlite:PATH or postgres://USER@HOST:PORT/DATABASE',
  argument(storeAddress),
] as const;
export const keysOption = [
  '--keys <folder>',
  "the gateway's keys; beside a SQLite store unless it is named, the same for every gateway of a PostgreSQL store",
] as const;

export function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export async function withStore<T>(
  at: StoreAddress,
  missing: 'create' | 'refuse',
  use: (store: GatewayStore) => Promise<T>,
) {
  const store = await openStore(at, { newEpoch: randomUUID, missing });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** @throws Error when the folder of the keys has to be named. */
export function keysOf({ store, keys }: { readonly store: StoreAddress; readonly keys?: string }): string {
  const folder = keysFolder(store, keys);
  if (!folder.ok) throw new Error(folder.error);
  return folder.value;
}
