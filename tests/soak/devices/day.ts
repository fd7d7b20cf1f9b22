/** A day of reader and receipt printer in simulated time, on wires in memory: nothing may grow from the second hour to the last. */
import { Receipt } from '#contract/devices.ts';
import { SamReader } from '#drivers/id-card/device.ts';
import { EscPosPrinter } from '#drivers/receipt-printer/device.ts';
import { EMPTY, LAID, READ, Sam } from '#tests/drivers/id-card/sam.ts';
import { VirtualTimers, Wire } from '#tests/drivers/stand.ts';
import { heapBytes } from '#tests/drivers/streams.ts';

const HOURS = 24;
const SETTLED_HOURS = 2;
const MINUTE_MS = 60_000;
/** What a heap may differ by what V8 learns on the way; one object kept for each question would be some 6 MB. */
const HEAP_SLACK = 1024 * 1024;

const RECEIPT = Receipt.parse({ lines: [{ line: 'text', text: '一窗' }] });

interface Sample {
  readonly hour: number;
  readonly timers: number;
  readonly listeners: number;
  readonly heap: number;
}

export interface Day {
  readonly rows: readonly (readonly string[])[];
  readonly broken: readonly string[];
}

/**
 * Each hour the cables are pulled once, a card is read, and a receipt is printed; in between both devices are only asked. What stands is
 * counted while a card is looked for.
 */
export async function liveDay(): Promise<Day> {
  const listeners = countListeners();
  const timers = new VirtualTimers();
  const sam = new Sam();
  const slip = new Wire();
  let asked = 0;
  slip.heard = (bytes) => {
    asked += 1;
    slip.say(printerSays(Buffer.from(bytes)));
  };
  sam.twist = () => {
    asked += 1;
    return undefined;
  };
  const reader = new SamReader(sam.wire.connect, {
    connection: { by: 'serial', path: '/dev/none', baud: 115_200 },
    timers,
  });
  const printer = new EscPosPrinter(slip.connect, {
    connection: { by: 'tcp', host: 'nowhere', port: 9_100 },
    paperMm: 80,
    timers,
  });
  const broken: string[] = [];
  const samples: Sample[] = [];
  let reads = 0;
  let receipts = 0;

  const forget = () => {
    for (const kept of [sam.asked, sam.wire.written, sam.wire.rates, slip.written, slip.rates]) kept.length = 0;
  };
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute += 1) {
      await timers.pass(MINUTE_MS);
      forget();
    }
  };

  for (let hour = 1; hour <= HOURS; hour += 1) {
    for (const wire of [sam.wire, slip]) wire.unplug();
    await minutes(1);
    for (const wire of [sam.wire, slip]) wire.plugged = true;
    await minutes(1);
    const looking = new AbortController();
    const read = reader.read(looking.signal);
    // The reader is asked for a card every 300 ms.
    await minutes(56);
    samples.push({ hour, timers: timers.pending, listeners: listeners.open, heap: heapBytes() });
    sam.says = LAID;
    const card = await timers.until(read);
    sam.says = READ;
    if (card.ok && card.value.reveal().name === '测试甲') reads += 1;
    await minutes(1);
    sam.says = EMPTY;
    const printed = await timers.until(printer.print(RECEIPT));
    if (printed.outcome === 'confirmed') receipts += 1;
    await minutes(1);
  }
  await timers.until(Promise.all([reader.close(), printer.close()]));
  listeners.stop();

  const settled = samples[SETTLED_HOURS - 1];
  const last = samples.at(-1);
  if (!settled || !last) throw new Error('the day has no hours');
  if (reads !== HOURS) broken.push(`${HOURS - reads} cards were not read`);
  if (receipts !== HOURS) broken.push(`${HOURS - receipts} receipts were not confirmed`);
  if (timers.pending > 0) broken.push(`${timers.pending} timers are left behind after closing`);
  if (last.timers > settled.timers) broken.push(`timers grew from ${settled.timers} to ${last.timers}`);
  if (last.listeners > settled.listeners) broken.push(`listeners grew from ${settled.listeners} to ${last.listeners}`);
  if (last.heap > settled.heap + HEAP_SLACK) broken.push(`the heap grew by ${last.heap - settled.heap} bytes`);
  return {
    rows: [
      ['a day of polling', 'after 2 h', 'after 24 h'],
      ['timers waiting', String(settled.timers), String(last.timers)],
      ['listeners on signals', String(settled.listeners), String(last.listeners)],
      ['heap in use', `${(settled.heap / 1e6).toFixed(2)} MB`, `${(last.heap / 1e6).toFixed(2)} MB`],
      ['questions asked', '', String(asked)],
      ['cards read, receipts printed', '', `${reads}, ${receipts}`],
    ],
    broken,
  };
}

/** A printer that has nothing to tell. */
function printerSays(bytes: Buffer): readonly number[] {
  if (bytes.length === 3 && bytes[0] === 0x10 && bytes[1] === 4) return [0x12];
  const behind = bytes.indexOf(Buffer.from('1d284806003030', 'hex'));
  return behind < 0 ? [] : [0x37, 0x22, ...bytes.subarray(behind + 7, behind + 11), 0, 0];
}

type Listening = (this: EventTarget, ...given: unknown[]) => void;

/** Counts the listeners that stand on signals and other targets of events. */
function countListeners(): { readonly open: number; readonly stop: () => void } {
  const prototype = EventTarget.prototype as unknown as Record<'addEventListener' | 'removeEventListener', Listening>;
  const { addEventListener, removeEventListener } = prototype;
  const standing = new Map<EventTarget, Set<unknown>>();
  prototype.addEventListener = function add(...given) {
    standing.set(this, (standing.get(this) ?? new Set()).add(given[1]));
    addEventListener.apply(this, given);
  };
  prototype.removeEventListener = function remove(...given) {
    const held = standing.get(this);
    held?.delete(given[1]);
    if (held?.size === 0) standing.delete(this);
    removeEventListener.apply(this, given);
  };
  return {
    get open() {
      return [...standing.values()].reduce((sum, held) => sum + held.size, 0);
    },
    stop: () => Object.assign(prototype, { addEventListener, removeEventListener }),
  };
}
