/** Batches as terminals freeze them, made ahead of the clock: a day key and cases that rest on it, sealed, hashed and linked. */
import type { KeyObject } from 'node:crypto';
import type { Identity } from '#contract/configuration.ts';
import { type EntryKind, GENESIS_HASH, limits, type WrappedKey } from '#contract/wire.ts';
import { bodyHash, entryHash } from '#main/service/journal/chain.ts';
import { wireEntry } from '#main/service/journal/wire-entry.ts';
import { fromBase64Url } from '#main/service/sealing/base64url.ts';
import { newDayKey, sealBody } from '#main/service/sealing/district.ts';
import { type Clock, isoWithOffset } from '#main/service/time/clock.ts';
import type { Random } from '#main/service/time/random.ts';
import { asJournaled, type CaseEntry } from './entries.ts';

/** A terminal that was enrolled. */
export interface Enrolled {
  readonly identity: Identity;
  readonly key: KeyObject;
}

/**
 * The first entries of one terminal's journal, as NDJSON: its day key, then the cases.
 * @throws Error when they are more than one batch may hold
 */
export async function frozenBatch(
  identity: Identity,
  cases: readonly CaseEntry[],
  o: { readonly catalogue: string; readonly clock: Clock; readonly random: Random },
): Promise<string> {
  const { suite, terminalId: terminal, districtKeyId, districtKey } = identity;
  const dayKey = await newDayKey(
    terminal,
    { suite, id: districtKeyId, publicKey: fromBase64Url(districtKey) },
    o.random,
  );
  const lines: string[] = [];
  let head: string = GENESIS_HASH;

  const add = (id: string, kind: EntryKind, content: object, keys: readonly WrappedKey[]): void => {
    const body = Buffer.from(JSON.stringify({ v: 1, ...content }), 'utf8');
    const row = {
      incarnation: 1,
      seq: lines.length + 1,
      id,
      kind,
      catalogue: o.catalogue,
      body_hash: bodyHash(suite, body),
      prev_hash: head,
      wall: isoWithOffset(o.clock.wall()),
      monotonic_ms: Math.trunc(o.clock.monotonicMs()),
      boot: o.clock.boot,
      server_offset_ms: null,
    };
    head = entryHash({ terminal, suite }, row);
    lines.push(`${JSON.stringify({ ...wireEntry(terminal, { ...row, body, hash: head }, []), keys })}\n`);
  };

  add(dayKey.id, 'key', { open: dayKey.sealed, sealed: null }, []);
  for (const { kind, open, sealed: content } of cases.map(asJournaled)) {
    const id = o.random.uuid();
    const { part, key } = sealBody({ terminal, entryId: id, kind, content, dayKey, random: o.random });
    add(id, kind, { open: { ...open, case: o.random.uuid() }, sealed: part }, [key]);
  }
  const ndjson = lines.join('');
  if (lines.length > limits.batchEntries || Buffer.byteLength(ndjson) > limits.batchBytes) {
    throw new Error(`a batch of ${lines.length} entries and ${ndjson.length} bytes`);
  }
  return ndjson;
}
