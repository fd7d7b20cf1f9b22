/** `yichuang gateway publish ... | updates`: what the district has for its terminals. */
import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
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

function stamp(given: Given): { id: string; expiresAt: string } {
  return { id: randomUUID(), expiresAt: new Date(Date.now() + given.days * DAY_MS).toISOString() };
}

async function addressee(store: GatewayStore, given: Given): Promise<Addressee> {
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
