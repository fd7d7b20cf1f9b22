import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSignatureInput, requestSignature, responseSignature } from '#contract/signatures.ts';
import { entryHashText, GENESIS_HASH, type WireEntry } from '#contract/wire.ts';

const parameters = {
  suite: 'standard',
  created: 1_790_000_000,
  nonce: 'abcdefghijklmnop',
  keyid: 'a-terminal',
} as const;

describe('what is hashed and signed', () => {
  it('names every field of an entry but its body and its wrapped keys', () => {
    const entry: Omit<WireEntry, 'hash' | 'body' | 'keys'> = {
      v: 1,
      terminal: '0199f0a0-0000-7000-8000-000000000001',
      incarnation: 1,
      seq: 7,
      id: '0199f0a0-0000-7000-8000-000000000002',
      kind: 'case',
      catalogue: 'c'.repeat(64),
      bodyHash: 'b'.repeat(64),
      prevHash: GENESIS_HASH,
      at: { wall: '2026-11-23T14:26:00+08:00', monotonicMs: 1234, boot: 'boot-1', serverOffsetMs: null },
    };
    const text = entryHashText(entry);
    const changed = [
      { ...entry, seq: 8 },
      { ...entry, incarnation: 2 },
      { ...entry, kind: 'rating' as const },
      { ...entry, catalogue: 'd'.repeat(64) },
      { ...entry, bodyHash: 'd'.repeat(64) },
      { ...entry, prevHash: 'd'.repeat(64) },
      { ...entry, at: { ...entry.at, wall: '2026-11-23T14:26:01+08:00' } },
      { ...entry, at: { ...entry.at, monotonicMs: 1 } },
      { ...entry, at: { ...entry.at, boot: 'boot-2' } },
      { ...entry, at: { ...entry.at, serverOffsetMs: 0 } },
    ];
    expect(new Set([text, ...changed.map(entryHashText)]).size).toBe(changed.length + 1);
  });

  it('builds the base of a request as RFC 9421 section 2.5 lays it out', () => {
    const { base, input } = requestSignature(
      { method: 'POST', path: '/v1/x', query: '?', terminal: 'a-terminal', contentDigest: 'sha-256=:AA==:' },
      parameters,
    );
    expect(base.split('\n')).toEqual([
      '"@method": POST',
      '"@path": /v1/x',
      '"@query": ?',
      '"yichuang-terminal": a-terminal',
      '"content-digest": sha-256=:AA==:',
      `"@signature-params": ${input}`,
    ]);
    expect(parseSignatureInput(`yichuang=${input}`)).toEqual({ ...parameters, input });
  });

  it('reads back the input of an answer and refuses any other form', () => {
    const { input } = responseSignature(200, 'sha-256=:AA==:', 'a-terminal', parameters);
    expect(parseSignatureInput(`yichuang=${input}`)?.nonce).toBe(parameters.nonce);
    fc.assert(
      fc.property(fc.string(), (noise) => {
        const parsed = parseSignatureInput(`yichuang=${noise}`);
        return parsed === null || parsed.input === noise;
      }),
    );
  });
});
