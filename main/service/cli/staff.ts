import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { err, ok, type Result } from '#contract/result.ts';
import { hashPin } from '../staff/pin.ts';
import { systemClock } from '../time/clock.ts';
import { systemRandom } from '../time/random.ts';
import { type CommandError, conclude } from './outcome.ts';

export function staffCommands(): Command {
  const staff = new Command('staff').description('workers of this terminal');
  staff
    .command('hash-pin')
    .description('read a PIN from stdin and print its hash for terminal.yaml')
    .action(async () => conclude(await hash(await text(process.stdin))));
  return staff;
}

async function hash(input: string): Promise<Result<{ pinHash: string }, CommandError>> {
  const pin = input.trim();
  if (!/^\d{4,12}$/.test(pin)) {
    return err({ code: 'pin', detail: 'this is no PIN', remedy: 'write 4 to 12 digits on stdin' });
  }
  return ok({ pinHash: await hashPin(pin, systemRandom(systemClock())) });
}
