import { join } from 'node:path';
import { Command } from 'commander';
import { err, type Result } from '#contract/result.ts';
import { type VerifiedJournal, verifyJournal } from '../journal/verify.ts';
import { STORE_FILE } from '../store/open.ts';
import { type CommandError, conclude } from './outcome.ts';

export function journalCommands(): Command {
  const journal = new Command('journal').description("look into a terminal's journal");
  journal
    .command('verify')
    .description('check every entry of the chain, read-only; a running service is not disturbed')
    .requiredOption('--data <folder>', "the terminal's data folder")
    .action(({ data }: { data: string }) => conclude(verify(data)));
  return journal;
}

function verify(data: string): Result<VerifiedJournal, CommandError> {
  const verified = verifyJournal(join(data, STORE_FILE));
  if (verified.ok) return verified;
  const { error } = verified;
  if (error.code === 'no-journal') return err({ ...error, remedy: "give the terminal's data folder with --data" });
  return err({
    code: error.code,
    detail: `entry ${error.seq} of incarnation ${error.incarnation}: ${error.why}`,
    remedy: 'keep the data folder as it is and call the vendor',
  });
}
