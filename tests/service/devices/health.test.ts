import { describe, expect, it } from 'vitest';
import type { OutOfService, TerminalHealth } from '#contract/terminal.ts';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import type { DeviceStates } from '#main/service/devices/devices.ts';
import { healthOf, unavailable } from '#main/service/devices/health.ts';

const catalogue = loadCatalogue('image/catalogue');
if (!catalogue.ok) throw new Error(catalogue.error.detail);
const found = catalogue.value.item('residence-certificate');
if (!found) throw new Error('the first item is gone');
const item = found;

const away = { state: 'away', why: 'no-answer', remedy: 'plug it in' } as const;
const jam = { state: 'blocked', problem: 'jam', remedy: 'clear it' } as const;
const broken = { state: 'blocked', problem: 'fault', remedy: 'replace it' } as const;
const WELL: DeviceStates = {
  idCard: { state: 'looking' },
  receiptPrinter: { state: 'ready', low: [] },
  documentPrinter: { state: 'printing' },
  scanner: { state: 'ready' },
  camera: { state: 'ready' },
};

const ONLINE = { state: { at: 'online' }, withdrawn: false, quarantined: 0, lost: [] } as const;

function health(
  states: Partial<DeviceStates>,
  more: { items?: (typeof item)[]; out?: OutOfService } = {},
): TerminalHealth {
  return healthOf({
    outOfService: more.out ?? null,
    states: { ...WELL, ...states },
    district: ONLINE,
    items: more.items ?? [item],
  });
}

describe('an item can be done', () => {
  it('when all devices are there, and a jam is no reason to turn anybody away', () => {
    expect(unavailable(item, WELL, 'offline')).toBeNull();
    expect(unavailable(item, { ...WELL, receiptPrinter: jam, documentPrinter: jam }, 'offline')).toBeNull();
  });

  it.each([
    ['the reader', { idCard: away }, 'reader-away'],
    ['a reader that works', { idCard: { ...away, state: 'fault' } }, 'reader-away'],
    ['the receipt printer', { receiptPrinter: away }, 'receipt-printer-away'],
    ['a receipt printer that works', { receiptPrinter: broken }, 'receipt-printer-away'],
    ['the document printer', { documentPrinter: away }, 'document-printer-away'],
    ['a document printer that works', { documentPrinter: broken }, 'document-printer-away'],
    ['all of them, and says what comes first', { idCard: away, documentPrinter: away }, 'reader-away'],
  ] as const)('but not without %s', (_what, states, why) => {
    expect(unavailable(item, { ...WELL, ...states }, 'online')).toBe(why);
  });

  it('without a document printer when it prints no document', () => {
    expect(unavailable({ ...item, documents: [] }, { ...WELL, documentPrinter: away }, 'online')).toBeNull();
  });

  it('online only when it needs the network', () => {
    expect(unavailable({ ...item, offline: 'N' }, WELL, 'offline')).toBe('needs-network');
    expect(unavailable({ ...item, offline: 'N' }, WELL, 'online')).toBeNull();
  });
});

describe('the terminal', () => {
  it('is well when nobody has to come, with or without scanner and camera', () => {
    expect(health({})).toEqual({ is: 'well' });
    const { scanner: _scanner, camera: _camera, ...states } = WELL;
    expect(healthOf({ outOfService: null, states, district: ONLINE, items: [item] })).toEqual({ is: 'well' });
  });

  it('is well while its devices are being found', () => {
    expect(health({ idCard: { ...away, why: 'connecting' }, scanner: { ...away, why: 'connecting' } })).toEqual({
      is: 'well',
    });
  });

  it.each([
    ['a low roll', { receiptPrinter: { state: 'ready', low: ['paper'] } }, ['receipt-printer', 'paper-low']],
    ['low toner', { documentPrinter: { state: 'ready', low: ['toner'] } }, ['document-printer', 'toner-low']],
    ['a jam', { documentPrinter: jam }, ['document-printer', 'jam']],
    ['a scanner that is away', { scanner: away }, ['scanner', 'away']],
    ['a camera that is away', { camera: away }, ['camera', 'away']],
  ] as const)('wants attention for %s: every item can be done', (_what, states, [part, what]) => {
    expect(health(states as Partial<DeviceStates>)).toMatchObject({ is: 'attention', concerns: [{ part, what }] });
  });

  it('wants attention when the district refuses its records', () => {
    const sync = { at: 'stopped', code: 'unknown-terminal', detail: '' } as const;
    expect(healthOf({ outOfService: null, states: WELL, district: { ...ONLINE, state: sync }, items: [item] })).toEqual(
      {
        is: 'attention',
        concerns: [{ part: 'district', what: 'refused', remedy: 'unknown-terminal' }],
      },
    );
  });

  it('wants attention for records that the district could not use, and for those that it has lost, in words', () => {
    const district = { ...ONLINE, quarantined: 2, lost: [{ incarnation: 1, from: 3, to: 5 }] };
    expect(healthOf({ outOfService: null, states: WELL, district, items: [item] })).toEqual({
      is: 'attention',
      concerns: [
        { part: 'district', what: 'quarantined', remedy: expect.stringContaining('2 of the records') },
        { part: 'district', what: 'lost', remedy: expect.stringContaining('entries 3 to 5 of incarnation 1') },
      ],
    });
  });

  it('is limited when an item lacks its device, and only then', () => {
    const concerns = [{ part: 'document-printer', what: 'away', remedy: 'plug it in' }];
    expect(health({ documentPrinter: away })).toEqual({ is: 'limited', concerns });
    expect(health({ documentPrinter: away }, { items: [{ ...item, documents: [] }] })).toEqual({
      is: 'attention',
      concerns,
    });
  });

  it('names a withdrawal in the place of the refusal that tells of it, and what staff do', () => {
    const district = { ...ONLINE, state: { at: 'stopped', code: 'revoked', detail: '' }, withdrawn: true } as const;
    expect(healthOf({ outOfService: null, states: WELL, district, items: [item] })).toEqual({
      is: 'attention',
      concerns: [{ part: 'district', what: 'withdrawn', remedy: expect.stringContaining('journal export') }],
    });
  });

  it('is out of service whatever its devices say', () => {
    const out = { why: 'disk-full', detail: 'full' } as const;
    expect(health({ idCard: away }, { out })).toEqual({ is: 'out-of-service', ...out });
  });
});
