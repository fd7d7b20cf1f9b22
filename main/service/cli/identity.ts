import { join } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { err, ok, type Result } from '#contract/result.ts';
import { askService } from '../asks.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { fileFault, readIdentity } from '../identity/identity.ts';
import { lockStore } from '../store/lock.ts';
import { STORE_FILE } from '../store/open.ts';
import { type CommandError, conclude, secondsArgument } from './outcome.ts';

interface RotateArguments {
  readonly config: string;
  readonly timeout: number;
}

/** What the service answers. */
const Told = z.union([
  z.strictObject({ ok: z.literal(true), value: z.strictObject({ begun: z.literal(true) }) }),
  z.strictObject({
    ok: z.literal(false),
    error: z.strictObject({ code: z.string(), detail: z.string(), remedy: z.string() }),
  }),
]);

export function identityCommands(): Command {
  const identity = new Command('identity').description("the terminal's own key");
  identity
    .command('rotate')
    .description('make a new key; the service has the district take it in the place of the old one')
    .requiredOption('--config <file>', 'terminal.yaml')
    .option('--timeout <seconds>', 'how long a service that runs may take to hear (5)', secondsArgument, 5_000)
    .action(async (o: RotateArguments) => conclude(await rotate(o)));
  return identity;
}

/** Whoever holds the store's lock makes the key: the service when it runs, else this command, for the service's next start. */
async function rotate(o: RotateArguments): Promise<Result<object, CommandError>> {
  const configuration = readConfiguration(o.config);
  if (!configuration.ok) {
    const { code, detail } = configuration.error;
    return err({ code, detail, remedy: 'mend terminal.yaml' });
  }
  const { folders, gateway } = configuration.value;
  const identity = readIdentity(folders.etc, gateway.suite);
  if (!identity.ok) return identity;
  const lock = lockStore(join(folders.data, STORE_FILE));
  if (lock.ok) {
    try {
      identity.value.keys.begin();
      return ok({ begun: true });
    } catch (error) {
      return err({ code: 'folder', ...fileFault(error, folders.etc) });
    } finally {
      lock.value.release();
    }
  }
  if (lock.error.code !== 'store-in-use') return lock;
  const told = await askService(folders.run, 'rotate-key', o.timeout);
  return told.ok ? Told.parse(told.value) : told;
}
