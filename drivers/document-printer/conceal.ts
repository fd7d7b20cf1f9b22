import type { IppAnswer, Sent, Value } from './ipp.ts';
import {
  CAPABILITY_ATTRIBUTES,
  IPP_URI,
  JOB_ATTRIBUTES,
  LIST_ATTRIBUTES,
  PRINTER_ATTRIBUTES,
  SUPPLY_ATTRIBUTES,
  UNREACHED,
  USER,
} from './protocol.ts';

/** What the driver reads; nothing else of an answer is told. */
const READ: ReadonlySet<string> = new Set([
  ...PRINTER_ATTRIBUTES,
  ...CAPABILITY_ATTRIBUTES,
  ...SUPPLY_ATTRIBUTES,
  ...JOB_ATTRIBUTES,
  ...LIST_ATTRIBUTES,
]);
/** Whose a job is stands in a recording so; another's name is none of anybody's business. */
const OURS = 'ours';

/** What is asked, without the names in it. */
export function concealedSent(sent: Sent): Sent {
  const { 'requesting-user-name': _user, 'job-name': _job, ...others } = sent;
  return others;
}

/** What the driver reads of an answer; of free texts no more than it goes by. */
export function concealed(answer: IppAnswer): IppAnswer {
  return mapped(answer, (name, value) => (typeof value === 'string' ? concealedText(name, value) : value));
}

/** A concealed answer as the driver takes it. */
export function revealed(answer: IppAnswer): IppAnswer {
  return mapped(answer, (name, value) => (isOwner(name) && value === OURS ? USER : value));
}

function mapped({ status, groups }: IppAnswer, change: (name: string, value: Value) => Value): IppAnswer {
  return {
    status,
    groups: groups.map(({ tag, attributes }) => {
      const read = [...attributes].filter(([name]) => READ.has(name));
      return {
        tag,
        attributes: new Map(read.map(([name, values]) => [name, values.map((each) => change(name, each))])),
      };
    }),
  };
}

function concealedText(name: string, text: string): string {
  if (isOwner(name)) return text === USER ? OURS : 'another';
  if (name === 'printer-state-message') return UNREACHED.exec(text)?.[0] ?? '';
  if (name !== 'device-uri') return text;
  // Behind the scheme stand the printer's address, its number, the name that somebody gave it.
  const scheme = text.slice(0, text.indexOf(':') + 1);
  return scheme === 'dnssd:' && IPP_URI.test(text) ? 'dnssd:_ipp._tcp' : scheme;
}

function isOwner(name: string): boolean {
  return name === 'job-originating-user-name';
}
