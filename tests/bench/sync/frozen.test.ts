import { expect, it } from 'vitest';
import { Identity } from '#contract/configuration.ts';
import { WireEntry } from '#contract/wire.ts';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { chainFault, type Link } from '#main/service/journal/chain.ts';
import { chainRow } from '#main/service/journal/wire-entry.ts';
import { systemClock } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { caseEntries } from './entries.ts';
import { must } from './flush.ts';
import { frozenBatch } from './frozen.ts';

const catalogue = must(loadCatalogue('image/catalogue'));
const clock = systemClock();
const given = { catalogue: catalogue.version, clock, random: systemRandom(clock) };
const raw = Buffer.alloc(32, 9).toString('base64url');
const identity = Identity.parse({
  terminalId: crypto.randomUUID(),
  region: '120103',
  code: '0001',
  districtKey: raw,
  districtKeyId: 'd1',
  gatewayKey: raw,
  epoch: 'e1',
});

it('freezes a whole chain: a day key, and cases whose personal part only it opens', async () => {
  const cases = caseEntries(catalogue, 3, '2026-03-02');
  const lines = (await frozenBatch(identity, cases, given)).trimEnd().split('\n');
  const entries = lines.map((line) => WireEntry.parse(JSON.parse(line)));
  expect(entries.map(({ kind }) => kind)).toEqual(['key', 'case', 'case', 'case']);
  let before: Link | null = null;
  for (const entry of entries) {
    expect(chainFault({ terminal: identity.terminalId, suite: 'standard' }, chainRow(entry), before, false)).toBeNull();
    before = entry;
  }
  expect(new Set(entries.slice(1).map(({ keys }) => keys[0]?.dayKey))).toEqual(new Set([entries[0]?.id]));
  for (const { sealed } of cases) {
    const bodies = entries.map(({ body }) => body);
    expect(bodies.join('')).not.toContain(sealed.card.number);
  }
});

it('makes no batch that the wire would refuse', async () => {
  const [one] = caseEntries(catalogue, 1, '2026-03-02');
  const cases = Array.from({ length: 200 }, () => one).filter((entry) => entry !== undefined);
  await expect(frozenBatch(identity, cases, given)).rejects.toThrow('201 entries');
});
