import { err, ok, type Result, unreachable } from '#contract/result.ts';
import type { Trouble } from '../common/life.ts';
import type { NoAnswer, SamLine } from './line.ts';
import { COMMANDS, type Command, STATUS, statusName, succeeded } from './protocol.ts';

/** A reader that does not serve: out of reach, or there with a fault of its own. */
export interface ReaderTrouble extends Trouble {
  readonly state: 'away' | 'fault';
}

/** The trouble of a reader that left a question unanswered. */
export function unheard(error: NoAnswer): ReaderTrouble {
  const remedy = 'check the power and the cable of the ID card reader';
  switch (error) {
    case 'closed':
      return { state: 'away', why: 'port-closed', remedy };
    case 'silent':
      return { state: 'away', why: 'no-answer', remedy };
    case 'garbled':
      return { state: 'away', why: 'garbled', remedy: `${remedy}, and its baud rate` };
    default:
      return unreachable(error);
  }
}

/** The fault of its own that a reader reports with a status; undefined for every other status. */
export function samFault(sw3: number): ReaderTrouble | undefined {
  const detail = statusName(sw3);
  if (sw3 === STATUS.selfTestFailed) {
    const remedy = 'switch the ID card reader off and on; if that does not help, its SAM must be replaced';
    return { state: 'fault', why: 'sam-self-test', remedy, detail };
  }
  if (sw3 === STATUS.notAuthorised) {
    return { state: 'fault', why: 'sam-not-authorised', remedy: 'the reader must be authorised by its vendor', detail };
  }
  return undefined;
}

/** The fault of a reader that answers and yet cannot search for a card. */
export function findsNothing(sw3: number): ReaderTrouble {
  const remedy = 'switch the ID card reader off and on; if that does not help, its antenna must be repaired';
  return samFault(sw3) ?? { state: 'fault', why: 'cannot-find-cards', remedy, detail: statusName(sw3) };
}

/**
 * The first words with a reader: its status (with one reset when it is not well) and its number, null when it has none.
 * @param how `tryMs`: how long to wait for a first answer that may never come, at a rate that may be wrong; `reset`: the SAM is put into
 *   its first state before anything is asked.
 */
export async function greet(
  line: SamLine,
  { tryMs, reset = false }: { readonly tryMs?: number | undefined; readonly reset?: boolean } = {},
): Promise<Result<string | null, ReaderTrouble>> {
  const { samStatus, resetSam, samId } = COMMANDS;
  const first = (command: Command) => (tryMs === undefined ? line.ask(command) : line.askOnce(command, tryMs));
  if (reset) {
    const done = await first(resetSam);
    if (!done.ok) return err(unheard(done.error));
  }
  let status = await first(samStatus);
  if (status.ok && samFault(status.value.sw3) && !reset) {
    await line.askOnce(resetSam);
    status = await line.ask(samStatus);
  }
  if (!status.ok) return err(unheard(status.error));
  const fault = samFault(status.value.sw3);
  if (fault) return err(fault);
  const id = await line.ask(samId);
  if (!id.ok) return err(unheard(id.error));
  return ok(succeeded(samId, id.value) ? samNumber(id.value.data) : null);
}

/** The number as printed on the module, from 16 bytes: little-endian u16 u16 u32 u32 u32. */
export function samNumber(data: Uint8Array): string {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const digits = (value: number, width: number) => String(value).padStart(width, '0');
  const [region, kind] = [digits(view.getUint16(0, true), 2), digits(view.getUint16(2, true), 2)];
  const rest = [
    digits(view.getUint32(4, true), 8),
    digits(view.getUint32(8, true), 10),
    digits(view.getUint32(12, true), 10),
  ];
  return `${region}.${kind}-${rest.join('-')}`;
}
