import { Command } from 'commander';
import { err, ok, type Result } from '#contract/result.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { askSendNow } from '../sync/send-now.ts';
import { type CommandError, conclude, secondsArgument } from './outcome.ts';

export function syncCommands(): Command {
  const sync = new Command('sync').description('the way of the journal to the district');
  sync
    .command('now')
    .description('have the service that runs try to send at once, whatever it waits for')
    .requiredOption('--config <file>', 'terminal.yaml')
    .option('--timeout <seconds>', 'how long the service may take to hear (5)', secondsArgument, 5_000)
    .action(async (o: { config: string; timeout: number }) => conclude(await sendNow(o)));
  return sync;
}

async function sendNow(o: { config: string; timeout: number }): Promise<Result<{ heard: true }, CommandError>> {
  const configuration = readConfiguration(o.config);
  if (!configuration.ok) {
    const { code, detail } = configuration.error;
    return err({ code, detail, remedy: 'mend terminal.yaml' });
  }
  const asked = await askSendNow(configuration.value.folders.run, o.timeout);
  if (asked.ok) return ok({ heard: true });
  const { error } = asked;
  return err(
    error.code === 'folder'
      ? { ...error, remedy: "run this as the service's user, with the terminal.yaml that the service has" }
      : { ...error, remedy: 'start the service, or see why it is out of service' },
  );
}
