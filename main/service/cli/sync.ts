import { Command } from 'commander';
import { err, ok, type Result } from '#contract/result.ts';
import { type Ask, askService } from '../asks.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { type CommandError, conclude, secondsArgument } from './outcome.ts';

interface AskArguments {
  readonly config: string;
  readonly timeout: number;
}

export function syncCommands(): Command {
  const sync = new Command('sync').description('the way of the journal to the district');
  asking(sync, 'now', 'have the service that runs try to send at once, whatever it waits for').action(
    async (o: AskArguments) => {
      const heard = await ask('send-now', o);
      conclude(heard.ok ? ok({ heard: true }) : heard);
    },
  );
  asking(sync, 'status', 'how the way to the district is, and what waits, as the service that runs sees it').action(
    async (o: AskArguments) => conclude(await ask('sync-status', o)),
  );
  return sync;
}

function asking(sync: Command, name: string, description: string): Command {
  return sync
    .command(name)
    .description(description)
    .requiredOption('--config <file>', 'terminal.yaml')
    .option('--timeout <seconds>', 'how long the service may take to hear (5)', secondsArgument, 5_000);
}

async function ask(question: Ask, o: AskArguments): Promise<Result<unknown, CommandError>> {
  const configuration = readConfiguration(o.config);
  if (configuration.ok) return askService(configuration.value.folders.run, question, o.timeout);
  const { code, detail } = configuration.error;
  return err({ code, detail, remedy: 'mend terminal.yaml' });
}
