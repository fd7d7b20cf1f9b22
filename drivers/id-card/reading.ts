import type { IdCard, UnreadableWhy } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { closedPhoto, decodeCard, decodeNewestAddress } from './fields.ts';
import type { NoAnswer, SamLine } from './line.ts';
import { COMMANDS, STATUS, statusName, succeeded } from './protocol.ts';

/** Why a card was not read, and what the reader said. `lost`: the reader itself does not answer. */
export type NotRead =
  | { readonly why: UnreadableWhy; readonly detail: string }
  | { readonly why: 'lost'; readonly detail: NoAnswer };

/** What was read: the card, and its photograph in the closed format (WLT) where it was asked for and the card has one. */
export interface CardRead {
  readonly card: IdCard;
  readonly photo: Uint8Array | null;
}

const TRIES = 2;

/**
 * Selects and reads the card that was just found. What is lost on the way is asked for again; a card that fails and still
 * lies there is taken from the start once more.
 */
export async function readCard(line: SamLine, wantsPhoto: boolean): Promise<Result<CardRead, NotRead>> {
  for (let attempt = 1; ; attempt += 1) {
    const read = await selectAndRead(line, wantsPhoto);
    if (read.ok || read.error.why === 'lost' || read.error.why === 'wrong-kind') return read;
    const again = await line.ask(COMMANDS.findCard);
    if (!again.ok) return lost(again.error);
    if (again.value.sw3 === STATUS.noCard) return err({ why: 'lifted', detail: read.error.detail });
    if (attempt === TRIES) return read;
  }
}

async function selectAndRead(line: SamLine, wantsPhoto: boolean): Promise<Result<CardRead, NotRead>> {
  const selected = await line.ask(COMMANDS.selectCard);
  if (!selected.ok) return unanswered(selected.error);
  if (!succeeded(COMMANDS.selectCard, selected.value)) return refused(selected.value.sw3);
  const read = await readText(line, wantsPhoto);
  if (!read.ok || read.value.card.kind !== 'resident') return read;
  return ok({ ...read.value, card: await withNewestAddress(line, read.value.card) });
}

/** Reads, and once more when the reader failed at it or its answer does not add up. */
async function readText(line: SamLine, wantsPhoto: boolean, again = true): Promise<Result<CardRead, NotRead>> {
  const reply = await line.ask(COMMANDS.textAndPhoto);
  if (!reply.ok) return unanswered(reply.error);
  const { sw3, data } = reply.value;
  const card = succeeded(COMMANDS.textAndPhoto, reply.value) ? decodeCard(data) : null;
  const photo = card && wantsPhoto ? closedPhoto(data) : null;
  data.fill(0);
  if (card) return ok({ card, photo });
  if (again && (sw3 === STATUS.ok || sw3 === STATUS.readFailed)) return readText(line, wantsPhoto, false);
  return sw3 === STATUS.ok ? err({ why: 'garbled', detail: 'lengths that do not add up' }) : refused(sw3);
}

/** A card that was moved to a new address carries it behind the printed one; without one the card stays as it is. */
async function withNewestAddress<C extends { readonly address: string }>(line: SamLine, card: C): Promise<C> {
  const reply = await line.askOnce(COMMANDS.newestAddress);
  if (!reply.ok || !succeeded(COMMANDS.newestAddress, reply.value)) return card;
  const address = decodeNewestAddress(reply.value.data);
  reply.value.data.fill(0);
  return address === null ? card : { ...card, address };
}

function lost(error: NoAnswer): Result<never, NotRead> {
  return err({ why: 'lost', detail: error });
}

function unanswered(error: NoAnswer): Result<never, NotRead> {
  return error === 'closed'
    ? lost(error)
    : err({ why: error === 'garbled' ? 'garbled' : 'read-failed', detail: error });
}

function refused(sw3: number): Result<never, NotRead> {
  return err({ why: REFUSALS.get(sw3) ?? 'read-failed', detail: statusName(sw3) });
}

const REFUSALS: ReadonlyMap<number, UnreadableWhy> = new Map([
  [STATUS.wrongCard, 'wrong-kind'],
  [STATUS.cardRejectedSam, 'rejected'],
  [STATUS.samRejectedCard, 'rejected'],
  [STATUS.verificationError, 'rejected'],
]);
