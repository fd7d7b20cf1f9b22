import { unreachable } from '#contract/result.ts';
import type { StoreAddress } from './address.ts';
import { openPostgresIntake, openPostgresStore } from './postgres.ts';
import { openSqliteIntake, openSqliteStore } from './sqlite.ts';
import type { GatewayStore, IntakeStore, StoreOptions } from './store.ts';

/** @throws Error when the store cannot be opened or is not one of this release. */
export async function openStore(address: StoreAddress, options: StoreOptions): Promise<GatewayStore> {
  switch (address.kind) {
    case 'sqlite':
      return openSqliteStore(address.path, options);
    case 'postgres':
      return openPostgresStore(address, options);
    default:
      return unreachable(address);
  }
}

/** The same store for the intake worker. @throws as {@link openStore}. */
export async function openIntake(address: StoreAddress, options: StoreOptions): Promise<IntakeStore> {
  switch (address.kind) {
    case 'sqlite':
      return openSqliteIntake(address.path, options);
    case 'postgres':
      return openPostgresIntake(address, options);
    default:
      return unreachable(address);
  }
}
