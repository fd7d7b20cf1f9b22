/** `yichuang gateway anchors | verify | alerts | backup`: whoever looks after a store. */
import type { Command } from 'commander';
import { err, ok } from '#contract/result.ts';
import { Suite } from '#contract/suite.ts';
import { backupSqlite } from '../audit/backup.ts';
import { verifyStore } from '../audit/verify.ts';
import { GAP_MS, SILENT_MS } from '../audit/watch.ts';
import type { StoreAddress } from '../store/address.ts';
import type { Alert } from '../store/audit.ts';
import { argument, print, storeOption, withStore } from './common.ts';

const HOUR_MS = 3_600_000;

export const gapOption = [
  '--gap-hours <hours>',
  'how long a gap may last before it is an alert',
  argument((text) => (/^[1-9]\d{0,3}$/.test(text) ? ok(Number(text)) : err('give a number of hours from 1 to 9999'))),
  GAP_MS / HOUR_MS,
] as const;
const day = argument((text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? ok(text) : err('write the day as YYYY-MM-DD')));

/** A commander parser for an option that may be given again and again. */
function digests(text: string, before: readonly string[] = []): string[] {
  return [...before, digest(text)];
}
const digest = argument((text) =>
  /^[0-9a-f]{64}$/.test(text) ? ok(text) : err('a digest has 64 hexadecimal digits, as `gateway anchors` prints it'),
);

export function addAuditCommands(program: Command): void {
  program
    .command('anchors')
    .description("print each day's signed digest, a JSON line each, the newest last; of one day its anchors too")
    .requiredOption(...storeOption)
    .option('--day <day>', "only this day, YYYY-MM-DD in the district's time", day)
    .action(async (given: { store: StoreAddress; day?: string }) => printAnchors(given));

  program
    .command('verify')
    .description(
      'check every chain, anchor and signature; prints a JSON line for each fault, and the counts in the last',
    )
    .requiredOption(...storeOption)
    .option('--terminal <id>', "walk only this terminal's chains")
    .option('--digest <hex>', "a day's digest that was kept elsewhere: the store must still hold that day", digests)
    .action(async (given: { store: StoreAddress; terminal?: string; digest?: string[] }) => {
      const verified = await withStore(given.store, 'refuse', async (store) => {
        const terminal = given.terminal === undefined ? undefined : await store.terminal(given.terminal);
        if (terminal === null) throw new Error('there is no such terminal');
        return verifyStore(store, {
          ...(terminal ? { terminal } : {}),
          kept: given.digest ?? [],
          onFault: print,
        });
      });
      print(verified);
      if (verified.faults > 0) process.exitCode = 1;
    });

  program
    .command('alerts')
    .description('print what someone should see to: gaps, terminals that are silent, entries in quarantine')
    .requiredOption(...storeOption)
    .option(...gapOption)
    .action(async (given: { store: StoreAddress; gapHours: number }) => {
      const now = Date.now();
      const [gapBefore, silentBefore] = [new Date(now - given.gapHours * HOUR_MS), new Date(now - SILENT_MS)];
      const alerts = await withStore(given.store, 'refuse', (store) => store.alerts(gapBefore, silentBefore));
      const aged = (alert: Alert) => ({ ...alert, ageSeconds: Math.floor((now - Date.parse(alert.since)) / 1000) });
      print({ alerts: alerts.map(aged) });
    });

  program
    .command('backup')
    .description('copy a SQLite store while it is served; the file is checked and on the disk when its name is printed')
    .requiredOption(...storeOption)
    .requiredOption('--to <file>', 'a file that is not there yet')
    .action(async ({ store, to }: { store: StoreAddress; to: string }) => {
      if (store.kind !== 'sqlite') throw new Error('PostgreSQL makes its own backups: see pg_dump and pg_basebackup');
      print(await backupSqlite(store.path, to));
    });
}

async function printAnchors(given: { readonly store: StoreAddress; readonly day?: string }): Promise<void> {
  await withStore(given.store, 'refuse', async (store) => {
    for (const suite of Suite.options) {
      for (let after = ''; ; ) {
        const days = await store.anchorDays(suite, after, 100);
        const last = days.at(-1);
        if (!last) break;
        for (const found of days) {
          if (given.day === undefined) print(found);
          else if (found.day === given.day) print({ ...found, anchors: await store.anchors(suite, found.day) });
        }
        after = last.day;
      }
    }
  });
}
