/** `yichuang gateway ...`: JSON on stdout, messages on stderr, non-zero on failure. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import { type Suite, suiteOfPublicKey } from '#contract/suite.ts';
import { CODE_LIFE_MS, enrolCode, enrolCodeHash } from './identity/codes.ts';
import { identityOf, provisioning } from './identity/identity.ts';
import { checkShared, gatewayKeys, keysFolder, publishedDistrictKeys } from './identity/keys.ts';
import { listenAddress, serve } from './serve.ts';
import { type StoreAddress, storeAddress } from './store/address.ts';
import { openStore } from './store/open.ts';
import type { GatewayStore } from './store/store.ts';
import { isPublicKey } from './suite/suite.ts';

const DEFAULT_REGION = '120103';

/** A commander argument parser out of a function that gives a value or a remedy. */
function argument<T>(read: (text: string) => Result<T, string>): (text: string) => T {
  return (text) => {
    const result = read(text);
    if (!result.ok) throw new InvalidArgumentError(result.error);
    return result.value;
  };
}

const storeOption = [
  '--store <uri>',
  'the store, sqlite:PATH or postgres://USER@HOST:PORT/DATABASE',
  argument(storeAddress),
] as const;
const keysOption = [
  '--keys <folder>',
  "the gateway's keys; beside a SQLite store unless it is named, the same for every gateway of a PostgreSQL store",
] as const;
const region = argument((text) => (/^\d{6}$/.test(text) ? ok(text) : err('a region has six digits')));
const count = argument((text) =>
  /^[1-9]\d{0,3}$/.test(text) ? ok(Number(text)) : err('give a number from 1 to 9999'),
);
const publicKey = argument((text) => {
  const suite = suiteOfPublicKey(text);
  return suite && isPublicKey(suite, text)
    ? ok({ suite, publicKey: text })
    : err('give what `yichuang enrol` printed: 43 characters for Ed25519, 87 for SM2');
});

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function withStore<T>(at: StoreAddress, missing: 'create' | 'refuse', use: (store: GatewayStore) => Promise<T>) {
  const store = await openStore(at, { newEpoch: randomUUID, missing });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** @throws Error when the folder of the keys has to be named. */
function keysOf({ store, keys }: { readonly store: StoreAddress; readonly keys?: string }): string {
  const folder = keysFolder(store, keys);
  if (!folder.ok) throw new Error(folder.error);
  return folder.value;
}

interface ServeArguments {
  readonly store: StoreAddress;
  readonly listen: { host: string; port: number };
  readonly keys?: string;
  readonly districtKey?: string;
  readonly districtSm2Key?: string;
}

interface ProvisionArguments {
  readonly store: StoreAddress;
  readonly keys?: string;
  readonly terminalKey: { readonly suite: Suite; readonly publicKey: string };
  readonly region: string;
}

const program = new Command('gateway').description("the district's side: takes terminals' journals and feeds the desk");

program
  .command('serve')
  .description('answer terminals until SIGTERM; prints {url} once it listens')
  .requiredOption(...storeOption)
  .requiredOption(
    '--listen <host:port>',
    'plain HTTP on loopback only; port 0 takes a free one',
    argument(listenAddress),
  )
  .option(...keysOption)
  .option('--district-key <file>', "the district's private key (X25519, PKCS8 PEM), read by the intake worker only")
  .option('--district-sm2-key <file>', 'the same for terminals of the national suite (SM2, PKCS8 PEM)')
  .action(async (given: ServeArguments) => {
    const districtKeyFiles = { standard: given.districtKey, national: given.districtSm2Key };
    const gateway = await serve({ store: given.store, keys: keysOf(given), ...given.listen, districtKeyFiles });
    const stop = () => void gateway.stop().catch(fail);
    process.once('SIGTERM', stop).once('SIGINT', stop);
    print({ url: gateway.url });
  });

program
  .command('enrol-code')
  .description('make one-time codes, each for one terminal within 15 minutes')
  .requiredOption(...storeOption)
  .option('--count <n>', 'how many', count, 1)
  .option('--region <code>', 'the region of the terminals', region, DEFAULT_REGION)
  .action(async (given: { store: StoreAddress; count: number; region: string }) => {
    const codes = Array.from({ length: given.count }, () => enrolCode(randomBytes(16)));
    const expiresAt = new Date(Date.now() + CODE_LIFE_MS);
    const hashes = codes.map(enrolCodeHash);
    await withStore(given.store, 'create', (store) => store.addEnrolCodes(hashes, given.region, expiresAt));
    print({ codes, region: given.region, expiresAt: expiresAt.toISOString() });
  });

program
  .command('provision')
  .description('register a terminal by its key; prints the signed provisioning file')
  .requiredOption(...storeOption)
  .option(...keysOption)
  .requiredOption('--terminal-key <key>', "the terminal's public key as `yichuang enrol` prints it", publicKey)
  .option('--region <code>', 'the region of the terminal', region, DEFAULT_REGION)
  .action(async (given: ProvisionArguments) => {
    const folder = keysOf(given);
    await withStore(given.store, 'create', async (store) => {
      const districts = publishedDistrictKeys(folder);
      const keys = gatewayKeys(folder);
      await checkShared(store, 'district', districts);
      await checkShared(store, 'gateway', keys);
      const terminal = { id: randomUUID(), ...given.terminalKey, at: new Date() };
      const result = await store.register(given.region, terminal);
      if (!result.ok) {
        switch (result.error) {
          case 'code':
            throw new Error('this key is registered in another region');
          case 'revoked':
            throw new Error('this key was revoked');
          case 'full':
            throw new Error('the region has no terminal code left');
          default:
            unreachable(result.error);
        }
      }
      const identity = identityOf(result.value, await store.epoch(), districts, keys);
      print(provisioning(identity, given.terminalKey.publicKey, keys));
    });
  });

program
  .command('revoke')
  .description('answer a terminal no more')
  .requiredOption(...storeOption)
  .requiredOption('--terminal <id>', 'its id')
  .action(async (given: { store: StoreAddress; terminal: string }) => {
    const revoked = await withStore(given.store, 'refuse', (store) => store.revoke(given.terminal));
    if (!revoked) throw new Error('there is no such terminal');
    print({ revoked: given.terminal });
  });

program
  .command('restored')
  .description('say that this store was restored from a backup, before it is served: terminals send again what it lost')
  .requiredOption(...storeOption)
  .action(async (given: { store: StoreAddress }) => {
    const epoch = randomUUID();
    await withStore(given.store, 'refuse', (store) => store.renewEpoch(epoch));
    print({ epoch });
  });

program
  .command('cases')
  .description('count what the store holds')
  .requiredOption(...storeOption)
  .option('--receipt <number>', 'count only the cases with this receipt number')
  .action(async (given: { store: StoreAddress; receipt?: string }) => {
    print(await withStore(given.store, 'refuse', (store) => store.counts(given.receipt)));
  });

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
}

await program.parseAsync().catch(fail);
