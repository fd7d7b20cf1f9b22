import { Command, Option } from 'commander';
import { CONNECTION_FORMS, type Connection } from '#contract/connection.ts';
import { ok } from '#contract/result.ts';
import { listDevices, RECORDED_KINDS } from '#drivers/index.ts';
import { printDocument, printReceipt } from './device/print.ts';
import { type ReadCardOptions, readCard } from './device/read-card.ts';
import { scanOnce } from './device/scan.ts';
import { selfTest } from './device/self-test.ts';
import { KINDS, type Kind, status } from './device/status.ts';
import { record, replay } from './device/traffic.ts';
import { conclude, connectionArgument, copiesArgument, secondsArgument } from './outcome.ts';

const connectionOption = ['--connection <uri>', CONNECTION_FORMS, connectionArgument] as const;
const timeoutOption = (fallbackMs: number) =>
  ['--timeout <seconds>', `how long to wait (${fallbackMs / 1000})`, secondsArgument, fallbackMs] as const;

const paperOption = () => new Option('--paper <mm>', 'paper width of a receipt').choices(['58', '80']).default('80');

type DocumentOptions = Parameters<typeof printDocument>[0];

export function deviceCommands(): Command {
  const device = new Command('device').description('try a device by itself');
  device
    .command('list')
    .description('say what is plugged in, with the connection to write for it')
    .action(async () => conclude(ok(await listDevices())));
  device
    .command('read-card')
    .description('wait for an ID card and print it as JSON, its number masked')
    .requiredOption(...connectionOption)
    .option(...timeoutOption(30_000))
    .option('--reveal', 'print the number and the birth date in full', false)
    .option('--photo-decoder <program>', "the vendor's program that decodes the photograph")
    .option('--photo <file>', 'where the decoded photograph goes, a new file')
    .action(async (o: ReadCardOptions) => conclude(await readCard(o)));
  device
    .command('scan')
    .description('wait for one scan and print it as JSON')
    .requiredOption(...connectionOption)
    .option(...timeoutOption(30_000))
    .action(async (o: { connection: Connection; timeout: number }) => conclude(await scanOnce(o)));
  device
    .command('print-receipt')
    .description('print a receipt: a JSON Receipt (contract/devices.ts) or lines of UTF-8 text')
    .requiredOption(...connectionOption)
    .requiredOption('--input <file>', 'the receipt')
    .addOption(paperOption())
    .option(...timeoutOption(30_000))
    .action(async (o: { connection: Connection; input: string; paper: string; timeout: number }) =>
      conclude(await printReceipt(o)),
    );
  device
    .command('print-document')
    .description('print a PDF of A4 pages and follow the job to its end')
    .requiredOption(...connectionOption)
    .requiredOption('--input <file>', 'the PDF')
    .option('--copies <number>', 'how many (1)', copiesArgument, 1)
    .option('--both-sides', 'on both sides of the paper, where the printer does that by itself', false)
    .option(...timeoutOption(120_000))
    .action(async (o: DocumentOptions) => conclude(await printDocument(o)));
  device
    .command('record')
    .description(
      "write down what goes over a device's wire, with nobody's data in it, while a card is read, a code scanned or a file printed",
    )
    .requiredOption(...connectionOption)
    .requiredOption('--output <file>', 'the recording, a new file of JSON lines')
    .addOption(new Option('--kind <kind>', 'which device it is').choices(RECORDED_KINDS).default('id-card'))
    .option(
      '--input <file>',
      'what a printer prints, a receipt or a PDF; without it its state is watched till the time is over',
    )
    .addOption(paperOption())
    .option(...timeoutOption(30_000))
    .action(async (o: Parameters<typeof record>[0]) => conclude(await record(o)));
  device
    .command('replay')
    .description('say what the driver makes of a recording')
    .requiredOption('--input <file>', 'the recording')
    .option(...timeoutOption(30_000))
    .action(async (o: { input: string; timeout: number }) => conclude(await replay(o)));
  device
    .command('status')
    .description('say what stands at a connection and how it is')
    .requiredOption(...connectionOption)
    .addOption(new Option('--kind <kind>', 'what it should be').choices(KINDS))
    .option(...timeoutOption(10_000))
    .action(async (o: { connection: Connection; kind?: Kind; timeout: number }) => conclude(await status(o)));
  device
    .command('test')
    .description('look at every device of terminal.yaml, while the service is stopped')
    .requiredOption('--config <file>', 'terminal.yaml')
    .option('--print', 'print the self-test page on the receipt printer', false)
    .option(...timeoutOption(10_000))
    .action(async (o: { config: string; print: boolean; timeout: number }) => conclude(await selfTest(o)));
  return device;
}
