import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallName, calls } from '#contract/calls.ts';
import type { IdCard } from '#contract/devices.ts';
import { TerminalSnapshot } from '#contract/terminal.ts';
import { VisitSnapshot } from '#contract/visit.ts';
import { ScriptedScanner } from './devices.ts';
import { PASSPORT, PIN, RESIDENT, SIGNATURE, Stage } from './stage.ts';

const OTHER: IdCard = { ...RESIDENT, name: '李四', number: '120107195002280000' };

/** What each call would carry in its place; everything else is junk. */
const proper: Partial<Record<CallName, unknown[]>> = {
  'visit.begin': [{ display: {} }, { display: { mode: 'elder', language: 'en' } }],
  'visit.display': [{ mode: 'large' }],
  'speech.say': [{ id: 1, language: 'zh', words: '您好' }],
  'visit.chooseItem': [{ item: 'residence-certificate' }],
  'visit.answer': [
    { step: 1, values: { phone: '13800001234' } },
    { step: 2, values: { residence: 'as-on-card' } },
    { step: 3, values: { since: '2018-03', tenure: 'owned', purpose: 'school' } },
  ],
  'visit.submit': [{ signature: SIGNATURE }],
  'visit.rate': [{ level: 5, reasons: [] }],
  'worker.signIn': [{ pin: PIN }, { pin: '0000' }],
  'worker.confirm': [{ seen: ['face', 'home', 'lives'] }],
  'worker.typeZone': [{ key: '<' }, { key: 'erase' }, { key: 'mistake' }, { key: 'clear' }],
  'worker.zoneFormat': [{ format: 'td1' }, { format: 'td3' }],
  'worker.identify': [{ sawOriginal: true }],
};

type Act =
  | { readonly act: 'call'; readonly name: string; readonly input: unknown }
  | { readonly act: 'again' }
  | { readonly act: 'lay'; readonly card: IdCard }
  | { readonly act: 'lift' }
  | { readonly act: 'scan'; readonly text: string }
  | { readonly act: 'wait'; readonly ms: number }
  | { readonly act: 'printers'; readonly blocked: boolean; readonly outcome: 'confirmed' | 'unknown' | 'failed' };

const names = Object.keys(calls) as CallName[];
const properCall = fc
  .constantFrom(...names)
  .chain((name) => fc.constantFrom(...(proper[name] ?? [{}])).map((input): Act => ({ act: 'call', name, input })));
const junkCall = fc.record({
  act: fc.constant('call' as const),
  name: fc.oneof(fc.constantFrom(...names), fc.string(), fc.constantFrom('__proto__', 'constructor')),
  input: fc.anything(),
});
const rubbish = fc
  .record({ name: fc.string(), number: fc.string(), birth: fc.string(), validTo: fc.string(), sex: fc.string() })
  .map((fields): IdCard => ({ ...RESIDENT, ...fields }));
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 12, arbitrary: properCall },
  { weight: 2, arbitrary: junkCall },
  { weight: 2, arbitrary: fc.constant<Act>({ act: 'again' }) },
  {
    weight: 2,
    arbitrary: fc.oneof(fc.constantFrom(RESIDENT, OTHER), rubbish).map((card): Act => ({ act: 'lay', card })),
  },
  { weight: 1, arbitrary: fc.constant<Act>({ act: 'lift' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(PASSPORT.join(''), ...PASSPORT, 'X').map((text): Act => ({ act: 'scan', text })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(500, 6_000, 16_000, 121_000).map((ms): Act => ({ act: 'wait', ms })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('printers' as const),
      blocked: fc.boolean(),
      outcome: fc.constantFrom('confirmed', 'unknown', 'failed'),
    }),
  },
);

/** The way to an accepted case, so that acts in the middle of it, and after it, are met often. */
const way: Act[] = [
  { act: 'call', name: 'visit.begin', input: { display: {} } },
  { act: 'call', name: 'visit.chooseItem', input: { item: 'residence-certificate' } },
  { act: 'call', name: 'visit.start', input: {} },
  { act: 'call', name: 'visit.consent', input: {} },
  { act: 'lay', card: RESIDENT },
  ...(proper['visit.answer'] ?? []).map((input): Act => ({ act: 'call', name: 'visit.answer', input })),
  { act: 'call', name: 'visit.submit', input: { signature: SIGNATURE } },
  { act: 'call', name: 'worker.arrive', input: {} },
  { act: 'call', name: 'worker.signIn', input: { pin: PIN } },
  { act: 'call', name: 'worker.confirm', input: { seen: ['face', 'home', 'lives'] } },
];
const elsewhere: Act = {
  act: 'call',
  name: 'visit.answer',
  input: { step: 2, values: { residence: 'other', estate: 'ceshili', building: '3', room: '501' } },
};

/** The same by a worker, without a card, and so without an address on it. */
const chipless: Act[] = [
  ...way.slice(0, 4),
  { act: 'call', name: 'help.call', input: {} },
  { act: 'call', name: 'worker.arrive', input: {} },
  { act: 'call', name: 'worker.signIn', input: { pin: PIN } },
  { act: 'scan', text: PASSPORT.join('') },
  { act: 'call', name: 'worker.identify', input: { sawOriginal: true } },
  ...way.slice(5, 6),
  elsewhere,
  ...way.slice(7),
];
const story = fc
  .tuple(
    fc.constantFrom(way, chipless),
    fc.nat(chipless.length),
    fc.array(act, { maxLength: 12 }),
    fc.array(act, { maxLength: 40 }),
  )
  .map(([way, at, between, after]) => [...way.slice(0, at), ...between, ...way.slice(at), ...after]);

function signIns(stage: Stage): number {
  return stage.audited('staff.signed-in') + stage.audited('staff.pin-wrong') + stage.audited('staff.locked');
}

async function takes(stage: Stage, scanner: ScriptedScanner, given: Act): Promise<void> {
  switch (given.act) {
    case 'call': {
      const compared = signIns(stage);
      const { ok } = stage.terminal.call(given.name, given.input);
      // A PIN is compared in a thread.
      if (ok && given.name === 'worker.signIn') await stage.until(() => signIns(stage) > compared);
      return;
    }
    case 'again': {
      const { step } = stage;
      const papers = step.at === 'done' ? step.prints : step.at === 'leaving' ? step.papers : [];
      for (const { id } of [...papers, ...papers]) stage.terminal.call('print.again', { job: id });
      return;
    }
    case 'lay':
      stage.reader.lay(given.card);
      return;
    case 'lift':
      stage.reader.lift();
      return;
    case 'scan':
      scanner.scan(given.text);
      return;
    case 'wait':
      await stage.pass(given.ms);
      return;
    case 'printers':
      for (const printer of [stage.receiptPrinter, stage.documentPrinter]) {
        if (given.outcome === 'unknown') printer.script.push({ outcome: 'unknown', why: 'no answer' });
        if (given.outcome === 'failed') printer.script.push({ outcome: 'failed', problem: 'jam', why: 'a jam' });
        if (given.blocked) printer.blocked = true;
        else printer.release();
      }
  }
}

/** @returns how often each value of `member` stands in the journal's entries of one kind. */
function counts(entries: readonly Record<string, unknown>[], member: string): number[] {
  return [...Map.groupBy(entries, (entry) => entry[member]).values()].map((group) => group.length);
}

describe('whatever is called, laid down and waited for, in whatever order', () => {
  it('nothing throws, nothing is committed twice, and no snapshot shows a whole ID number', async () => {
    let accepted = 0;
    let verified = 0;
    let identified = 0;
    await fc.assert(
      fc.asyncProperty(story, async (acts) => {
        const scanner = new ScriptedScanner();
        const stage = await Stage.open({ scanner });
        for (const given of acts) {
          await takes(stage, scanner, given);
          await stage.settle();
          expect(stage.failures).toEqual([]);
        }
        for (const event of stage.events) {
          if (event.event === 'visit') VisitSnapshot.parse(event.visit);
          if (event.event === 'terminal') TerminalSnapshot.parse(event.terminal);
        }
        const shown = JSON.stringify(stage.events);
        expect([RESIDENT.number, OTHER.number].filter((number) => shown.includes(number))).toEqual([]);

        const cases = stage.journaled('case');
        accepted += cases.length;
        verified += stage.journaled('verification').length;
        identified += stage.audited('identity.confirmed');
        expect(new Set(cases.map((entry) => entry['receiptNumber'])).size).toBe(cases.length);
        expect(counts(stage.journaled('verification'), 'case').every((n) => n === 1)).toBe(true);
        expect(counts(stage.journaled('rating'), 'case').every((n) => n === 1)).toBe(true);
        const jobs = stage.jobs();
        expect(jobs.filter(({ document }) => document === 'receipt')).toHaveLength(cases.length);
        for (const document of ['receipt', 'certificate', 'acceptance-notice']) {
          const ofKind = jobs.filter((job) => job.document === document);
          expect(new Set(ofKind.map((job) => job.case)).size, document).toBe(ofKind.length);
        }
        await stage.close();
      }),
      { numRuns: 40 },
    );
    // The search itself reaches what it is about.
    expect(Math.min(accepted, verified, identified)).toBeGreaterThan(0);
  });
});
