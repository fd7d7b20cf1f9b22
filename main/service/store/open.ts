import { join } from 'node:path';
import { err, ok, type Result } from '#contract/result.ts';
import type { Log } from '../log/log.ts';
import { Vault, type VaultError } from '../sealing/vault.ts';
import type { Clock, Timers } from '../time/clock.ts';
import type { Random } from '../time/random.ts';
import { type StoreError, storeError } from './errors.ts';
import { Store } from './store.ts';

export interface TerminalData {
  readonly store: Store;
  readonly vault: Vault;
}

/** Name of the store in the data folder. */
export const STORE_FILE = 'terminal.sqlite';

/** A word whose blind index tells whether the key at hand is the one that the store was written with. */
const KEY_CHECK = 'store-key-check';

/** Opens the store together with the key that opens what is sealed in it; refuses one without the other. */
export function openTerminalData(o: {
  folders: { readonly etc: string; readonly data: string };
  clock: Clock;
  timers: Timers;
  random: Random;
  log: Log;
}): Result<TerminalData, StoreError | VaultError> {
  const file = join(o.folders.data, STORE_FILE);
  let vault: Result<Vault, VaultError>;
  try {
    vault = Vault.open({ etc: o.folders.etc, storeFile: file, random: o.random });
  } catch (error) {
    return err(storeError(error));
  }
  if (!vault.ok) return vault;
  const store = Store.open({ file, clock: o.clock, timers: o.timers, log: o.log });
  if (!store.ok) return store;
  const fits = checkKey(store.value, vault.value, file);
  if (!fits.ok) {
    store.value.close();
    return fits;
  }
  return ok({ store: store.value, vault: vault.value });
}

function checkKey(store: Store, vault: Vault, file: string): Result<void, StoreError | VaultError> {
  const check = Buffer.from(vault.blindIndex('receipt', KEY_CHECK)).toString('hex');
  try {
    const written = store.meta(KEY_CHECK);
    if (written === null) store.setMeta(KEY_CHECK, check);
    if (written === null || written === check) return ok();
  } catch (error) {
    return err(storeError(error));
  }
  return err({
    code: 'key-missing',
    detail: 'the store was written with another store key',
    remedy: `bring the store key that belongs to ${file} back`,
  });
}
