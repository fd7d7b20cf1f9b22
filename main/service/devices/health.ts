import type { Item } from '#contract/catalogue.ts';
import type { PrinterState } from '#contract/devices.ts';
import { unreachable } from '#contract/result.ts';
import type { Concern, OutOfService, TerminalHealth } from '#contract/terminal.ts';
import type { SyncStatus } from '../sync/news.ts';
import type { DeviceStates } from './devices.ts';

/** Why an item can't be done now, for each device that it may need. */
const WITHOUT = {
  idCard: 'reader-away',
  receiptPrinter: 'receipt-printer-away',
  documentPrinter: 'document-printer-away',
} as const;

type Needed = keyof typeof WITHOUT;
type Unavailable = (typeof WITHOUT)[Needed] | 'needs-network' | null;

/** The devices without which an item can't be done, in the order in which it comes to them. */
function needsOf(item: Item): readonly Needed[] {
  return ['idCard', 'receiptPrinter', ...(item.documents.length > 0 ? (['documentPrinter'] as const) : [])];
}

/** Paper that is out or a jam keeps nobody away: a hand mends it, and it is said where the item prints. */
function serves(state: DeviceStates[Needed]): boolean {
  if (state.state === 'away' || state.state === 'fault') return false;
  return !(state.state === 'blocked' && state.problem === 'fault');
}

/** The device that an item lacks first. */
function lacks(item: Item, states: DeviceStates): Needed | undefined {
  return needsOf(item).find((device) => !serves(states[device]));
}

/** Why an item can't be done now; it is said before the resident starts. */
export function unavailable(item: Item, states: DeviceStates, network: 'online' | 'offline'): Unavailable {
  if (item.offline === 'N' && network === 'offline') return 'needs-network';
  const device = lacks(item, states);
  return device === undefined ? null : WITHOUT[device];
}

/** How the district and what it got are, as far as a person should see to it. */
type District = Pick<SyncStatus, 'state' | 'withdrawn' | 'quarantined' | 'lost'>;

/** What staff do at a terminal that the district has withdrawn. */
export const WITHDRAWN_REMEDY =
  'everything is kept: yichuang journal export writes it to a file; ask the district to readmit the terminal';

/** Everything at the terminal that a person should see to. */
function concernsOf(states: DeviceStates, district: District): Concern[] {
  const { idCard, receiptPrinter, documentPrinter, scanner, camera } = states;
  const concerns: Concern[] = [];
  if (isAway(idCard)) concerns.push({ part: 'id-card', what: 'away', remedy: idCard.remedy });
  if (idCard.state === 'fault') concerns.push({ part: 'id-card', what: 'fault', remedy: idCard.remedy });
  concerns.push(...ofPrinter('receipt-printer', receiptPrinter), ...ofPrinter('document-printer', documentPrinter));
  if (scanner && isAway(scanner)) concerns.push({ part: 'scanner', what: 'away', remedy: scanner.remedy });
  if (camera && isAway(camera)) concerns.push({ part: 'camera', what: 'away', remedy: camera.remedy });
  return [...concerns, ...ofDistrict(district)];
}

function ofDistrict({ state, withdrawn, quarantined, lost }: District): Concern[] {
  const concerns: Concern[] = [];
  if (withdrawn) concerns.push({ part: 'district', what: 'withdrawn', remedy: WITHDRAWN_REMEDY });
  else if (state.at === 'stopped') concerns.push({ part: 'district', what: 'refused', remedy: state.code });
  if (quarantined > 0) {
    const remedy = `the district could not use ${quarantined} of the records: see yichuang journal show --quarantined`;
    concerns.push({ part: 'district', what: 'quarantined', remedy });
  }
  for (const { incarnation, from, to } of lost) {
    const remedy =
      `the district was restored from a backup older than its horizon and lacks the entries ${from} to ${to} of incarnation ` +
      `${incarnation}, whose bodies are no longer here: restore it from a newer backup`;
    concerns.push({ part: 'district', what: 'lost', remedy });
  }
  return concerns;
}

/** A device that was not looked for to the end yet is nobody's concern. */
function isAway<S extends { readonly state: string }>(state: S): state is Extract<S, { state: 'away' }> {
  return state.state === 'away' && !('why' in state && state.why === 'connecting');
}

function ofPrinter(part: 'receipt-printer' | 'document-printer', state: PrinterState): Concern[] {
  switch (state.state) {
    case 'away':
      return isAway(state) ? [{ part, what: 'away', remedy: state.remedy }] : [];
    case 'blocked':
      return [{ part, what: state.problem, remedy: state.remedy }];
    case 'ready':
      return state.low.map((what) => ({ part, what: `${what}-low`, remedy: `bring ${what} for the ${part}` }));
    case 'printing':
      return [];
    default:
      return unreachable(state);
  }
}

/** The one word on the whole terminal. */
export function healthOf(o: {
  readonly outOfService: OutOfService | null;
  readonly states: DeviceStates;
  readonly district: District;
  /** What the catalogue offers today. */
  readonly items: readonly Item[];
}): TerminalHealth {
  if (o.outOfService) return { is: 'out-of-service', ...o.outOfService };
  const concerns = concernsOf(o.states, o.district);
  if (concerns.length === 0) return { is: 'well' };
  const limited = o.items.some((item) => lacks(item, o.states) !== undefined);
  return { is: limited ? 'limited' : 'attention', concerns };
}
