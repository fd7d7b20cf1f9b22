/** `yichuang gateway ...`: JSON on stdout, messages on stderr, non-zero on failure. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import { type Suite, suiteOfPublicKey } from '#contract/suite.ts';
import { CODE_LIFE_MS, enrolCode, enrolCodeHash } from './identity/codes.ts';
import { identityOf, provisioning } from './identity/identity.ts';
import { gatewayKeys, keysFolder, publishedDistrictKeys } from './identity/keys.ts';
import { listenAddress, serve } from './serve.ts';
import { openSqliteStore, sqlitePath } from './store/sqlite.ts';
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

const storeOption = ['--store <uri>', 'the store, sqlite:PATH', argument(sqlitePath)] as const;
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

async function withStore<T>(path: string, missing: 'create' | 'refuse', use: (store: GatewayStore) => Promise<T>) {
  const store = openSqliteStore(path, { newEpoch: randomUUID, missing });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

interface ServeArguments {
  readonly store: string;
  readonly listen: { host: string; port: number };
  readonly districtKey?: string;
  readonly districtSm2Key?: string;
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
  .option('--district-key <file>', "the district's private key (X25519, PKCS8 PEM), read by the intake worker only")
  .option('--district-sm2-key <file>', 'the same for terminals of the national suite (SM2, PKCS8 PEM)')
  .action(async (given: ServeArguments) => {
    const districtKeyFiles = { standard: given.districtKey, national: given.districtSm2Key };
    const gateway = await serve({ storePath: given.store, ...given.listen, districtKeyFiles });
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
  .action(async (given: { store: string; count: number; region: string }) => {
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
  .requiredOption('--terminal-key <key>', "the terminal's public key as `yichuang enrol` prints it", publicKey)
  .option('--region <code>', 'the region of the terminal', region, DEFAULT_REGION)
  .action(async (given: { store: string; terminalKey: { suite: Suite; publicKey: string }; region: string }) => {
    await withStore(given.store, 'create', async (store) => {
      const folder = keysFolder(given.store);
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
      const keys = gatewayKeys(folder);
      const identity = identityOf(result.value, store.epoch, publishedDistrictKeys(folder), keys);
      print(provisioning(identity, given.terminalKey.publicKey, keys));
    });
  });

program
  .command('revoke')
  .description('answer a terminal no more')
  .requiredOption(...storeOption)
  .requiredOption('--terminal <id>', 'its id')
  .action(async (given: { store: string; terminal: string }) => {
    const revoked = await withStore(given.store, 'refuse', (store) => store.revoke(given.terminal));
    if (!revoked) throw new Error('there is no such terminal');
    print({ revoked: given.terminal });
  });

program
  .command('restored')
  .description('say that this store was restored from a backup, before it is served: terminals send again what it lost')
  .requiredOption(...storeOption)
  .action(async (given: { store: string }) => {
    const epoch = randomUUID();
    await withStore(given.store, 'refuse', (store) => store.renewEpoch(epoch));
    print({ epoch });
  });

program
  .command('cases')
  .description('count what the store holds')
  .requiredOption(...storeOption)
  .option('--receipt <number>', 'count only the cases with this receipt number')
  .action(async (given: { store: string; receipt?: string }) => {
    print(await withStore(given.store, 'refuse', (store) => store.counts(given.receipt)));
  });

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
}

await program.parseAsync().catch(fail);
