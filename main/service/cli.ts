/** `yichuang <command>`: JSON on stdout, messages on stderr, non-zero on failure. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { deviceCommands } from './cli/device.ts';
import { enrolCommand } from './cli/enrol.ts';
import { identityCommands } from './cli/identity.ts';
import { journalCommands } from './cli/journal.ts';
import { conclude, unexpected } from './cli/outcome.ts';
import { staffCommands } from './cli/staff.ts';
import { syncCommands } from './cli/sync.ts';

const program = new Command('yichuang').description("one community's one-window terminal");

// Processes of their own, for the district and for trials: no terminal has them, and the district's side knows nothing of it.
const APART = [
  { name: 'gateway', what: "the district's side", entry: '../../gateway/cli.ts' },
  { name: 'fleet', what: 'many terminals in one process, to size a gateway and to hurt it', entry: 'fleet/cli.ts' },
] as const;
for (const { name, what, entry } of APART) {
  if (existsSync(join(import.meta.dirname, entry))) program.command(name, what, { executableFile: entry });
}

program
  .command('service')
  .description("the terminal's core without its screen, until SIGTERM")
  .requiredOption('--config <file>', 'terminal.yaml')
  .action(async ({ config }: { config: string }) => {
    // The service's own entry reads its arguments, as it does when the shell starts it.
    process.argv.splice(2, Number.POSITIVE_INFINITY, '--config', config);
    await import('./main.ts');
  });

program.addCommand(deviceCommands());
program.addCommand(enrolCommand());
program.addCommand(identityCommands());
program.addCommand(journalCommands());
program.addCommand(staffCommands());
program.addCommand(syncCommands());

try {
  await program.parseAsync();
} catch (error) {
  conclude(unexpected(error));
  // What failed may have left a device open.
  process.exit();
}
