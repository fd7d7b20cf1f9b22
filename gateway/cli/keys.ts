/** `yichuang gateway keys ...`: keys that follow those of the gateway and of the district. */
import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { err, ok } from '#contract/result.ts';
import { Suite } from '#contract/suite.ts';
import { announceDistrictKey, publishedHalves, retireDistrictKey } from '../identity/district.ts';
import { keyFile } from '../identity/key-files.ts';
import {
  checkShared,
  districtKeys,
  exchangeSuccessors,
  gatewayKeys,
  missLost,
  rotateGatewayKey,
} from '../identity/keys.ts';
import type { Succession } from '../identity/succession.ts';
import type { StoreAddress } from '../store/address.ts';
import type { GatewayStore } from '../store/store.ts';
import { argument, keysOf, keysOption, print, storeOption, withStore } from './common.ts';

const HOUR_MS = 3_600_000;
/** At least one: other gateways look once a minute for what was announced. */
const hours = argument((text) =>
  /^[1-9]\d{0,3}$/.test(text) ? ok(Number(text)) : err('give a number of hours from 1 to 9999'),
);
const days = argument((text) => (/^\d{1,4}$/.test(text) ? ok(Number(text)) : err('give a number of days')));
const suiteOption = () => new Option('--suite <suite>', 'of this suite; without it of both').choices(Suite.options);

interface Given {
  readonly store: StoreAddress;
  readonly keys?: string;
  readonly suite?: Suite;
}

interface Rotation extends Given {
  readonly inHours: number;
  readonly keyFile?: string;
}

interface Retirement extends Given {
  readonly suite: Suite;
  readonly id: string;
  readonly to: string;
  readonly days: number;
}

export function addKeysCommands(program: Command): void {
  const keys = new Command('keys').description("the gateway's and the district's keys, and those that follow them");
  const command = (name: string, description: string) =>
    keys
      .command(name)
      .description(description)
      .requiredOption(...storeOption)
      .option(...keysOption);
  command(
    'list',
    'print every key, a JSON line each: since when it is used, and whether its private half is in the folder',
  ).action(async (given: Given) => {
    await withKeys(given, async (signing, folder) => printKeys(signing, folder, new Date()));
  });
  command(
    'rotate-gateway',
    'make the next signing key and announce it, signed by the present one; copy the folder to every gateway then',
  )
    .addOption(suiteOption())
    .option(
      '--in-hours <n>',
      'when it takes over: until then the present one signs, and terminals learn of it',
      hours,
      336,
    )
    .action(async (given: Rotation) => {
      await withKeys(given, async (signing, _folder, store) => {
        for (const suite of chosen(given)) {
          await rotateGatewayKey(store, signing[suite], { from: inHours(given), now: new Date() });
          const { publicKey, from } = signing[suite].successors.at(-1) ?? {};
          print({ suite, publicKey, from });
        }
      });
    });
  command(
    'rotate-district',
    "announce the district's next key, to which terminals seal from then on; bring its private key into escrow before",
  )
    .addOption(suiteOption())
    .option(
      '--key-file <file>',
      'its private key, when it was made elsewhere (PKCS8 PEM); --suite says of which suite it is',
    )
    .option('--in-hours <n>', 'when terminals begin to seal to it', hours, 24)
    .action(async (given: Rotation) => {
      if (given.keyFile !== undefined && given.suite === undefined)
        throw new Error('say of which suite it is: --suite');
      await withKeys(given, async (_signing, folder) => {
        for (const suite of chosen(given)) {
          const announced = announceDistrictKey(folder, suite, {
            from: inHours(given),
            now: new Date(),
            file: given.keyFile,
          });
          print({ suite, ...announced });
        }
      });
    });
  command(
    'retire-district',
    'take a former private key of the district out of the folder, into a file for the escrow; nothing that it sealed can be opened without it',
  )
    .addOption(suiteOption().makeOptionMandatory())
    .requiredOption('--id <id>', 'the key, as `gateway keys list` prints it')
    .requiredOption('--to <file>', 'a file that is not there yet')
    .option('--days <n>', 'how long terminals may have kept what is sealed to it', days, 35)
    .action(async (given: Retirement) => {
      const { suite, id, to } = given;
      await withKeys(given, async (_signing, folder) => {
        const retired = retireDistrictKey(folder, suite, { id, to, now: new Date(), days: given.days });
        print({ suite, retired: retired.id, file: to });
      });
    });
  program.addCommand(keys);
}

/** Only for the folder whose keys the store knows. */
async function withKeys(
  given: Given,
  use: (signing: Readonly<Record<Suite, Succession>>, folder: string, store: GatewayStore) => Promise<void>,
): Promise<void> {
  const folder = keysOf(given);
  await withStore(given.store, 'refuse', async (store) => {
    for (const owner of ['gateway', 'district'] as const) await missLost(store, owner, folder);
    const districts = districtKeys(folder);
    if (!districts) throw new Error(`there are no keys in ${folder}: start the gateway first`);
    const signing = gatewayKeys(folder);
    await checkShared(store, 'gateway', signing);
    await checkShared(store, 'district', districts);
    await exchangeSuccessors(store, signing);
    await use(signing, folder, store);
  });
}

function printKeys(signing: Readonly<Record<Suite, Succession>>, folder: string, now: Date): void {
  for (const suite of Suite.options) {
    const succession = signing[suite];
    const all = [{ publicKey: succession.publicKey, from: null }, ...succession.successors];
    for (const { publicKey, from } of all) {
      const state = stateOf(from, publicKey === succession.publicKeyAt(now), now);
      print({ owner: 'gateway', suite, publicKey, from, state, here: succession.holds(publicKey) });
    }
    const halves = publishedHalves(folder, suite);
    const due = halves.findLast(({ from }) => from === null || Date.parse(from) <= now.getTime());
    for (const [i, { id, from }] of halves.entries()) {
      print({
        owner: 'district',
        suite,
        id,
        from,
        state: stateOf(from, id === due?.id, now),
        here: existsSync(keyFile(folder, 'district', suite, i + 1, 'key')),
      });
    }
  }
}

function stateOf(from: string | null, isUsed: boolean, now: Date): 'announced' | 'in-use' | 'former' {
  if (isUsed) return 'in-use';
  return from !== null && Date.parse(from) > now.getTime() ? 'announced' : 'former';
}

function chosen({ suite }: Given): readonly Suite[] {
  return suite === undefined ? Suite.options : [suite];
}

/** In whole seconds, as signatures tell the time. */
function inHours({ inHours: n }: Rotation): Date {
  return new Date(Math.ceil((Date.now() + n * HOUR_MS) / 1000) * 1000);
}
