import type { Configuration } from '#contract/configuration.ts';
import { Receipt } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { readConfiguration } from '../../configuration/configuration.ts';
import { connectionOf } from '../../devices/devices.ts';
import type { CommandError } from '../outcome.ts';
import type { DeviceState } from './present.ts';
import { printOn } from './print.ts';
import { type Kind, stateOf } from './status.ts';

interface Tested {
  readonly device: Kind;
  readonly connection: string;
  readonly state: DeviceState;
}

/**
 * Looks at every device of `terminal.yaml`, and prints the self-test page when that is asked for. The service must not run: it
 * holds the ports.
 */
export async function selfTest(o: {
  readonly config: string;
  readonly timeout: number;
  readonly print: boolean;
}): Promise<Result<readonly Tested[], CommandError>> {
  const configuration = readConfiguration(o.config);
  if (!configuration.ok) {
    const { code, detail } = configuration.error;
    return err({ code, detail, remedy: 'mend terminal.yaml' });
  }
  const { devices } = configuration.value;
  const tested = await Promise.all(
    named(devices).map(async ([device, connection]): Promise<Tested> => {
      return { device, connection, state: await stateOf(connectionOf({ connection }), device, o.timeout) };
    }),
  );
  if (o.print) {
    const printer = { ...devices.receiptPrinter, connection: connectionOf(devices.receiptPrinter) };
    const printed = await printOn(printer, selfTestPage(tested), o.timeout);
    if (!printed.ok) return printed;
  }
  const bad = tested.filter(
    ({ state }) => state.state === 'away' || state.state === 'fault' || state.state === 'blocked',
  );
  if (bad.length === 0) return ok(tested);
  return err({
    code: 'devices',
    detail: bad.map(({ device, connection, state }) => `${device} at ${connection}: ${wordsOf(state)}`).join('\n'),
    remedy: 'mend these devices and test again',
  });
}

function named(devices: Configuration['devices']): [Kind, string][] {
  return [
    ['id-card', devices.idCard.connection],
    ['receipt-printer', devices.receiptPrinter.connection],
    ['document-printer', devices.documentPrinter.connection],
    ...(devices.scanner ? [['scanner', devices.scanner.connection] as [Kind, string]] : []),
    ...(devices.camera ? [['camera', devices.camera.connection] as [Kind, string]] : []),
  ];
}

function wordsOf(state: DeviceState): string {
  if ('problem' in state) return `${state.problem}, ${state.remedy}`;
  return 'why' in state && 'remedy' in state ? `${state.why}, ${state.remedy}` : state.state;
}

/** A page that shows at a glance what a printer can do: its width, sizes, both ways to set Chinese, a code; and the other devices. */
function selfTestPage(tested: readonly Tested[]): Receipt {
  const code = 'YICHUANG SELF-TEST 0123456789';
  return Receipt.parse({
    lines: [
      { line: 'text', text: '自检页', align: 'centre', size: 2, bold: true },
      { line: 'text', text: 'Self-test', align: 'centre' },
      { line: 'rule' },
      ...tested.map(({ device, state }) => ({ line: 'pair', label: device, value: state.state })),
      ...tested.map(({ connection }) => ({ line: 'text', text: connection })),
      { line: 'rule' },
      { line: 'pair', label: '左边 left', value: '右边 right' },
      ...[1, 2, 3].map((size) => ({ line: 'text', text: `字号 ${size}`, size })),
      { line: 'text', text: '粗体 bold', bold: true },
      { line: 'text', text: '打印机自己的字：天津市一窗' },
      { line: 'text', text: '画出来的字：𠮷㙍𫖯' },
      { line: 'qr', data: code },
      { line: 'text', text: code, align: 'centre' },
    ],
  });
}
