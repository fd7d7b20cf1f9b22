import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { err, ok, type Result } from '#contract/result.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { enrolByCode, enrolByFile, terminalPublicKey } from '../identity/enrol.ts';
import { type CommandError, conclude } from './outcome.ts';

interface Given {
  config: string;
  code?: string;
  provisioning?: string;
  gatewayKey?: string;
}

export function enrolCommand(): Command {
  return new Command('enrol')
    .description("give this terminal its identity; without a way to do it, print the terminal's public key")
    .requiredOption('--config <file>', 'terminal.yaml')
    .addOption(new Option('--code <code>', 'a one-time code of the district').conflicts('provisioning'))
    .option('--provisioning <file>', 'a provisioning file that the gateway signed')
    .option('--gateway-key <key>', "the gateway's public key, when it is known beforehand")
    .action(async (given: Given) => conclude(await enrol(given)));
}

async function enrol(given: Given): Promise<Result<object, CommandError>> {
  const configuration = readConfiguration(given.config);
  if (!configuration.ok) {
    const { code, detail } = configuration.error;
    return err({ code, detail, remedy: 'mend terminal.yaml' });
  }
  const { folders, gateway } = configuration.value;
  if (given.code !== undefined) {
    const { url, tlsPins, suite } = gateway;
    return enrolByCode({ etc: folders.etc, url, tlsPins, code: given.code, suite });
  }
  if (given.provisioning === undefined) {
    const publicKey = terminalPublicKey(folders.etc, gateway.suite);
    return publicKey.ok ? ok({ publicKey: publicKey.value }) : publicKey;
  }
  let text: string;
  try {
    text = readFileSync(given.provisioning, 'utf8');
  } catch {
    return err({ code: 'input', detail: `${given.provisioning} can't be read`, remedy: 'give the path of the file' });
  }
  const { gatewayKey } = given;
  const known = gatewayKey === undefined ? {} : { gatewayKey };
  return enrolByFile({ etc: folders.etc, text, suite: gateway.suite, ...known });
}
