/** `yichuang gateway ...`: JSON on stdout, messages on stderr, non-zero on failure. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import { err, ok, unreachable } from '#contract/result.ts';
import { type Suite, suiteOfPublicKey } from '#contract/suite.ts';
import { ANCHOR_HOUR } from './audit/watch.ts';
import { addAuditCommands, gapOption } from './cli/audit.ts';
import { addCatalogueCommands } from './cli/catalogue.ts';
import { argument, keysOf, keysOption, print, storeOption, withStore } from './cli/common.ts';
import { addErasureCommands, IN_THE_WAY, readRecord, tellTerminal } from './cli/erasure.ts';
import { addKeysCommands } from './cli/keys.ts';
import { addUpdateCommands } from './cli/updates.ts';
import { type TlsFiles, tlsPin } from './http/server.ts';
import { CODE_LIFE_MS, enrolCode, enrolCodeHash } from './identity/codes.ts';
import { districtKeyAt } from './identity/district.ts';
import { identityOf, provisioning } from './identity/identity.ts';
import { checkShared, exchangeSuccessors, gatewayKeys, missLost, publishedDistrictKeys } from './identity/keys.ts';
import { LOG_LEVELS, type LogLevel } from './log.ts';
import { listenAddress, serve } from './serve.ts';
import type { StoreAddress } from './store/address.ts';
import { isPublicKey } from './suite/suite.ts';

const DEFAULT_REGION = '120103';

const region = argument((text) => (/^\d{6}$/.test(text) ? ok(text) : err('a region has six digits')));
const count = argument((text) =>
  /^[1-9]\d{0,3}$/.test(text) ? ok(Number(text)) : err('give a number from 1 to 9999'),
);
const hourOfDay = argument((text) =>
  /^(1?\d|2[0-3])$/.test(text) ? ok(Number(text)) : err('give an hour from 0 to 23'),
);
const publicKey = argument((text) => {
  const suite = suiteOfPublicKey(text);
  return suite && isPublicKey(suite, text)
    ? ok({ suite, publicKey: text })
    : err('give what `yichuang enrol` printed: 43 characters for Ed25519, 87 for SM2');
});

/** A commander parser for an option that may be given again and again. */
function files(file: string, before: readonly string[]): string[] {
  return [...before, file];
}

interface ServeArguments {
  readonly store: StoreAddress;
  readonly listen: { host: string; port: number };
  readonly admin?: { host: string; port: number };
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly keys?: string;
  readonly districtKey: readonly string[];
  readonly districtSm2Key: readonly string[];
  readonly deskMaterials?: string;
  readonly logLevel: LogLevel;
  readonly anchorHour: number;
  readonly gapHours: number;
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
  .description('answer terminals until SIGTERM; prints {url, admin} once it listens')
  .requiredOption(...storeOption)
  .requiredOption(
    '--listen <host:port>',
    'without a certificate plain HTTP, on loopback only; port 0 takes a free one',
    argument(listenAddress),
  )
  .option(
    '--admin <host:port>',
    'tell /healthz, /readyz and /metrics here, on loopback only; without it the first two at --listen, unless that is TLS',
    argument(listenAddress),
  )
  .option('--tls-cert <file>', 'serve HTTPS with this certificate and those behind it (PEM), read again on SIGHUP')
  .option('--tls-key <file>', 'its private key (PEM)')
  .option(...keysOption)
  .option(
    '--district-key <file>',
    'a private key of the district (X25519, PKCS8 PEM), read by the intake worker only; may be given for each of its keys',
    files,
    [],
  )
  .option('--district-sm2-key <file>', 'the same for terminals of the national suite (SM2, PKCS8 PEM)', files, [])
  .option(
    '--desk-materials <folder>',
    'lay opened materials of cases down here, in the clear; without it they stay sealed in the store',
  )
  .option('--anchor-hour <hour>', "of the district's time, when the day's anchors are taken", hourOfDay, ANCHOR_HOUR)
  .option(...gapOption)
  .addOption(new Option('--log-level <level>', 'of the log on stderr').choices(LOG_LEVELS).default('info'))
  .action(async (given: ServeArguments) => {
    const gateway = await serve({
      store: given.store,
      keys: keysOf(given),
      ...given.listen,
      admin: given.admin,
      tls: tlsFiles(given),
      districtKeyFiles: { standard: given.districtKey, national: given.districtSm2Key },
      deskMaterials: given.deskMaterials,
      logLevel: given.logLevel,
      anchorHour: given.anchorHour,
      gapMs: given.gapHours * 3_600_000,
    });
    const stop = stopper(gateway.stop);
    process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', gateway.renewCertificate);
    print({ url: gateway.url, admin: gateway.admin });
  });

program
  .command('tls-pin')
  .description("print what terminals pin of a certificate's key, for gateway.tlsPins in terminal.yaml")
  .requiredOption('--cert <file>', 'the certificate (PEM)')
  .action((given: { cert: string }) => print({ pin: tlsPin(given.cert) }));

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
      for (const owner of ['gateway', 'district'] as const) await missLost(store, owner, folder);
      const districts = publishedDistrictKeys(folder);
      const at = new Date();
      const keys = gatewayKeys(folder);
      await checkShared(store, 'district', districts);
      await checkShared(store, 'gateway', keys);
      await exchangeSuccessors(store, keys);
      const terminal = { id: randomUUID(), ...given.terminalKey, at };
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
      const district = districtKeyAt(folder, given.terminalKey.suite, at);
      const identity = identityOf(result.value, { epoch: await store.epoch(), district, keys, at });
      print(provisioning(identity, given.terminalKey.publicKey, keys, at));
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
  .command('readmit')
  .description('answer a revoked terminal again: it sends what it has kept')
  .requiredOption(...storeOption)
  .requiredOption('--terminal <id>', 'its id')
  .action(async (given: { store: StoreAddress; terminal: string }) => {
    const readmitted = await withStore(given.store, 'refuse', (store) => store.readmit(given.terminal));
    if (!readmitted) throw new Error('there is no such terminal');
    print({ readmitted: given.terminal });
  });

program
  .command('terminal-keys')
  .description("print a terminal's keys, the former ones with the time until which each signed its papers")
  .requiredOption(...storeOption)
  .requiredOption('--terminal <id>', 'its id')
  .action(async (given: { store: StoreAddress; terminal: string }) => {
    await withStore(given.store, 'refuse', async (store) => {
      const terminal = await store.terminal(given.terminal);
      if (!terminal) throw new Error('there is no such terminal');
      const former = await store.formerKeys(given.terminal);
      print({ terminal: terminal.id, suite: terminal.suite, publicKey: terminal.publicKey, former });
    });
  });

program
  .command('restored')
  .description('say that this store was restored from a backup, before it is served: terminals send again what it lost')
  .requiredOption(...storeOption)
  .option('--erasures <file>', 'the record of what staff erased: the backup may hold some of it')
  .action(async (given: { store: StoreAddress; erasures?: string }) => {
    const epoch = randomUUID();
    const erasures = given.erasures === undefined ? [] : readRecord(given.erasures);
    const keys = await withStore(given.store, 'refuse', async (store) => {
      const destroyed = await store.erase(erasures);
      for (const erasure of erasures) await tellTerminal(store, erasure);
      if (!(await store.wipe())) throw new Error(IN_THE_WAY);
      // Last: what stops before it is begun anew.
      await store.renewEpoch(epoch);
      return destroyed;
    });
    print({ epoch, erasures: erasures.length, keys });
  });

program
  .command('cases')
  .description('count what the store holds')
  .requiredOption(...storeOption)
  .option('--receipt <number>', 'count only the cases with this receipt number')
  .action(async (given: { store: StoreAddress; receipt?: string }) => {
    print(await withStore(given.store, 'refuse', (store) => store.counts(given.receipt)));
  });

addCatalogueCommands(program);
addUpdateCommands(program);
addErasureCommands(program);
addAuditCommands(program);
addKeysCommands(program);

/** One signal comes several times when a group of processes gets it and its first hands it on. */
const SAME_SIGNAL_MS = 500;

/** The first signal stops in order, the second at once. */
function stopper(stop: () => Promise<void>): () => void {
  let since: number | null = null;
  return () => {
    if (since === null) {
      since = performance.now();
      void stop().catch(fail);
    } else if (performance.now() - since > SAME_SIGNAL_MS) {
      process.exit(1);
    }
  };
}

function tlsFiles({ tlsCert, tlsKey }: ServeArguments): TlsFiles | undefined {
  if (tlsCert !== undefined && tlsKey !== undefined) return { cert: tlsCert, key: tlsKey };
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  throw new Error('--tls-cert and --tls-key go together');
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
}

await program.parseAsync().catch(fail);
