import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { silentLog } from '#main/service/log/log.ts';
import type { Vault } from '#main/service/sealing/vault.ts';
import type { NewCase } from '#main/service/store/cases.ts';
import { openTerminalData, STORE_FILE } from '#main/service/store/open.ts';
import { Store, type StoreOptions } from '#main/service/store/store.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { FakeTime } from '../time/fakes.ts';

export interface Data {
  readonly folders: { readonly etc: string; readonly data: string };
  readonly file: string;
  readonly store: Store;
  readonly vault: Vault;
  readonly time: FakeTime;
}

export function newFolders(): { etc: string; data: string } {
  const root = mkdtempSync(join(tmpdir(), 'yc-store-'));
  const folders = { etc: join(root, 'etc'), data: join(root, 'data') };
  mkdirSync(folders.data);
  return folders;
}

/** A store on disk with its vault, closed at the test's end. */
export function openData(folders = newFolders(), time = new FakeTime()): Data {
  const random = systemRandom(time);
  const opened = openTerminalData({ folders, clock: time, timers: time, random, log: silentLog() });
  if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
  const { store, vault } = opened.value;
  onTestFinished(() => store.close());
  return { folders, file: join(folders.data, STORE_FILE), store, vault, time };
}

/** Opens a store file by itself with special options, and closes it at the test's end. */
export function openStore(file: string, options: Partial<StoreOptions> = {}) {
  const time = new FakeTime();
  const opened = Store.open({ file, clock: time, timers: time, log: silentLog(), ...options });
  if (opened.ok) onTestFinished(() => opened.value.close());
  return opened;
}

let made = 0;

/** A case of an invented person. */
export function newCase(changes: Partial<NewCase> = {}): NewCase {
  made += 1;
  const id = `01890000-0000-7000-8000-${String(made).padStart(12, '0')}`;
  return {
    id,
    receiptNumber: `120103-000101-260302-${String(made).padStart(4, '0')}-X`,
    item: 'residence',
    catalogue: 'a'.repeat(64),
    acceptedAt: new Date('2026-03-02T01:00:00Z'),
    number: '120103195002280004',
    phone: '13800001234',
    retentionDays: 30,
    record: JSON.stringify({ name: '王秀英', number: '120103195002280004' }),
    ...changes,
  };
}
