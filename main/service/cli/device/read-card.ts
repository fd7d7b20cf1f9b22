import { writeFileSync } from 'node:fs';
import type { Connection } from '#contract/connection.ts';
import type { IdCard, ReaderState } from '#contract/devices.ts';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import { type IdCardReader, openIdCardReader } from '#drivers/index.ts';
import { type CardChecks, checkCard } from '../../intake/card-checks.ts';
import { localDay, systemClock } from '../../time/clock.ts';
import { maskedCard } from '../card.ts';
import type { CommandError } from '../outcome.ts';
import { named } from './present.ts';

/** A photograph as the command line tells of it: its form and its size in bytes, or why there is none. */
type Photo =
  | 'not-available'
  | { readonly type: string; readonly bytes: number }
  | { readonly notAvailable: string; readonly remedy: string };

/** The card, what can be checked on it, and its photograph, which stays closed without a vendor's decoder. */
export type ReadCard = IdCard & { readonly photo: Photo; readonly checks: CardChecks };

export interface ReadCardOptions {
  readonly connection: Connection;
  readonly timeout: number;
  readonly reveal: boolean;
  /** The vendor's program, and the new file that the picture goes to. */
  readonly photoDecoder?: string;
  readonly photo?: string;
}

export async function readCard(o: ReadCardOptions): Promise<Result<ReadCard, CommandError>> {
  return readOn(openIdCardReader({ connection: o.connection, photoDecoder: o.photoDecoder }), o);
}

/** Waits for a card, then lets go of the reader. */
export async function readOn(
  reader: IdCardReader,
  o: Pick<ReadCardOptions, 'timeout' | 'reveal' | 'photoDecoder' | 'photo'>,
): Promise<Result<ReadCard, CommandError>> {
  // What happened last before the time was over is the reason that helps.
  let seen: ReaderState = reader.state;
  reader.onState((state) => {
    if (state.state === 'unreadable' || state.state === 'away' || state.state === 'fault') seen = state;
    else if (seen.state === 'away' && state.state !== 'ready') seen = state;
  });
  try {
    const read = await reader.read(AbortSignal.timeout(o.timeout));
    if (!read.ok) return err(read.error.code === 'aborted' ? noCard(seen) : named(read.error));
    const card = read.value.reveal();
    const checks = checkCard(card, localDay(systemClock().wall()));
    const photo = o.photoDecoder === undefined ? 'not-available' : await photoOf(reader, o.photo);
    const shown = { ...(o.reveal ? card : maskedCard(card)), photo, checks };
    read.value.wipe();
    return ok(shown);
  } finally {
    await reader.close();
  }
}

async function photoOf(reader: IdCardReader, file: string | undefined): Promise<Photo> {
  const decoded = await reader.photo();
  if (!decoded.ok) return { notAvailable: decoded.error.why, remedy: decoded.error.remedy };
  const { type, bytes } = decoded.value;
  if (file !== undefined) writeFileSync(file, bytes.reveal(), { flag: 'wx', mode: 0o600 });
  const told = { type, bytes: bytes.reveal().length };
  bytes.wipe();
  return told;
}

function noCard(state: ReaderState): CommandError {
  switch (state.state) {
    case 'away':
    case 'fault':
      return named({ code: state.state, why: state.why, remedy: state.remedy });
    case 'unreadable':
      return {
        code: state.why,
        detail: 'a card was there but was not read',
        remedy: 'lift the card and lay it down again',
      };
    case 'ready':
    case 'looking':
    case 'reading':
    case 'card':
      return {
        code: 'no-card',
        detail: 'no card was laid on the reader in time',
        remedy: 'lay a card flat on the reader',
      };
    default:
      return unreachable(state);
  }
}
