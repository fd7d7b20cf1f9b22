/** `yichuang <command>`: JSON on stdout, messages on stderr, non-zero on failure. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { deviceCommands } from './cli/device.ts';
import { enrolCommand } from './cli/enrol.ts';
import { journalCommands } from './cli/journal.ts';
import { conclude, unexpected } from './cli/outcome.ts';
import { staffCommands } from './cli/staff.ts';

const GATEWAY = '../../gateway/cli.ts';
const program = new Command('yichuang').description("one community's one-window terminal");

// A process of its own: the district's side knows nothing of the terminal's, and no terminal has it.
if (existsSync(join(import.meta.dirname, GATEWAY))) {
  program.command('gateway', "the district's side", { executableFile: GATEWAY });
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
program.addCommand(journalCommands());
program.addCommand(staffCommands());

try {
  await program.parseAsync();
} catch (error) {
  conclude(unexpected(error));
  // What failed may have left a device open.
  process.exit();
}
