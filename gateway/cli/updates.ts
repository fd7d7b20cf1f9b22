/** `yichuang gateway publish ... | updates`: what the district has for its terminals. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { AlertContent } from '#contract/alerts.ts';
import { err, ok } from '#contract/result.ts';
import type { Update } from '#contract/updates.ts';
import type { StoreAddress } from '../store/address.ts';
import type { GatewayStore } from '../store/store.ts';
import type { Addressee } from '../store/updates.ts';
import { argument, print, storeOption, withStore } from './common.ts';

const DAY_MS = 86_400_000;

const hash = argument((text) =>
  /^[0-9a-f]{64}$/.test(text)
    ? ok(text)
    : err('a version has 64 hexadecimal digits, as `gateway catalogue list` prints it'),
);
const fromOne = argument((text) => (/^[1-9]\d{0,14}$/.test(text) ? ok(Number(text)) : err('give a number from 1')));
const days = argument((text) => (/^[1-9]\d{0,3}$/.test(text) ? ok(Number(text)) : err('give days from 1 to 9999')));
const region = argument((text) => (/^\d{6}$/.test(text) ? ok(text) : err('a region has six digits')));
const expiry = ['--days <n>', 'how long it holds', days, 30] as const;

interface Given {
  readonly store: StoreAddress;
  readonly days: number;
  readonly region?: string;
  readonly terminal?: string;
}

export function addUpdateCommands(program: Command): void {
  const publish = new Command('publish').description(
    'have something done by terminals; each asks for it when it has nothing to send, and tells what became of it',
  );
  publish
    .command('catalogue')
    .description(
      'terminals fetch a version of the catalogue that was added, and keep it; they go on with the one they have',
    )
    .argument('<version>', 'its hash', hash)
    .requiredOption(...storeOption)
    .addOption(new Option('--region <code>', 'every terminal of this region').argParser(region).conflicts('terminal'))
    .option('--terminal <id>', 'this terminal alone')
    .option(...expiry)
    .action(async (version: string, given: Given) => {
      await withStore(given.store, 'refuse', async (store) => {
        const found = (await store.catalogues()).find((one) => one.version === version);
        if (!found) throw new Error('this version was not added: see `gateway catalogue add`');
        const to = await addressee(store, given);
        if (found.region !== to.region) throw new Error(`this version is of region ${found.region}`);
        await published(store, to, { ...stamp(given), kind: 'catalogue', sha256: version, bytes: found.bytes });
      });
    });
  publish
    .command('retry-entry')
    .description('a terminal lets a quarantined entry wait for the district again, after the cause was mended here')
    .requiredOption(...storeOption)
    .requiredOption('--terminal <id>', 'whose entry it is')
    .requiredOption('--seq <n>', 'its sequence', fromOne)
    .option('--incarnation <n>', 'its incarnation', fromOne, 1)
    .option(...expiry)
    .action(async ({ seq, incarnation, ...given }: Given & { seq: number; incarnation: number }) => {
      await withStore(given.store, 'refuse', async (store) => {
        const to = await addressee(store, given);
        await published(store, to, { ...stamp(given), kind: 'retry-entry', incarnation, seq });
      });
    });
  publish
    .command('alert')
    .description('terminals show a public warning until it expires; orange and red take the whole screen')
    .argument('<file>', 'what it says, as JSON')
    .requiredOption(...storeOption)
    .addOption(new Option('--region <code>', 'every terminal of this region').argParser(region).conflicts('terminal'))
    .option('--terminal <id>', 'this terminal alone')
    .requiredOption('--hours <n>', 'how long it holds', fromOne)
    .action(async (file: string, { hours, ...given }: Omit<Given, 'days'> & { hours: number }) => {
      const content = AlertContent.strict().parse(JSON.parse(readFileSync(file, 'utf8')));
      await withStore(given.store, 'refuse', async (store) => {
        const to = await addressee(store, given);
        await published(store, to, { ...stamp({ days: hours / 24 }), kind: 'alert', ...content });
      });
    });
  publish
    .command('alert-withdrawn')
    .description('an alert is over before its time')
    .argument('<alert>', 'its id, as `gateway updates` prints it')
    .requiredOption(...storeOption)
    .action(async (alert: string, given: { store: StoreAddress }) => {
      await withStore(given.store, 'refuse', async (store) => {
        for (const { content, region, terminal } of await store.published()) {
          const { id, kind, expiresAt } = JSON.parse(content) as Update;
          if (id !== alert || kind !== 'alert') continue;
          await published(store, { region, terminal }, { id: randomUUID(), expiresAt, kind: 'alert-withdrawn', alert });
          return;
        }
        throw new Error('no such alert was published');
      });
    });
  program.addCommand(publish);

  program
    .command('updates')
    .description('print what was published, a JSON line each, with how many terminals said what of it')
    .requiredOption(...storeOption)
    .action(async (given: { store: StoreAddress }) => {
      const all = await withStore(given.store, 'refuse', (store) => store.published());
      for (const { n: _, content, ...rest } of all) print({ ...(JSON.parse(content) as object), ...rest });
    });
}

function stamp(given: Pick<Given, 'days'>): { id: string; expiresAt: string } {
  return { id: randomUUID(), expiresAt: new Date(Date.now() + given.days * DAY_MS).toISOString() };
}

async function addressee(store: GatewayStore, given: Omit<Given, 'days'>): Promise<Addressee> {
  if (given.terminal !== undefined) {
    const terminal = await store.terminal(given.terminal);
    if (!terminal) throw new Error('there is no such terminal');
    return { region: terminal.region, terminal: terminal.id };
  }
  if (given.region === undefined) throw new Error('say for whom: --region or --terminal');
  return { region: given.region, terminal: null };
}

async function published(store: GatewayStore, to: Addressee, update: Update): Promise<void> {
  await store.publish(update, to, new Date());
  print({ ...update, ...to });
}
