import { err, ok, type Result } from '#contract/result.ts';
import { OPERATIONS, type Operation, type SentName, SYNTAX, TAGS } from './protocol.ts';

export type Sent = Partial<Readonly<Record<SentName, string | number | boolean | readonly string[]>>>;

/** A value of the answer; null where its syntax is none that this driver reads. */
export type Value = string | number | boolean | null;

export interface IppAnswer {
  readonly status: number;
  /** Each attribute group in order, its attributes by name; one value or several, always as a list. */
  readonly groups: readonly { readonly tag: number; readonly attributes: ReadonlyMap<string, readonly Value[]> }[];
}

const VERSION = [2, 0] as const;
/** No answer to our questions comes near this size. */
export const ANSWER_BYTES_MAX = 1 << 20;

/** A request of RFC 8010: operation attributes, job attributes, document. */
export function encodeRequest(
  operation: Operation,
  requestId: number,
  attributes: Sent,
  job: Sent = {},
  document: Uint8Array = new Uint8Array(),
): Buffer {
  const head = Buffer.alloc(8);
  head.set(VERSION);
  head.writeUInt16BE(OPERATIONS[operation], 2);
  head.writeUInt32BE(requestId, 4);
  const first = { 'attributes-charset': 'utf-8', 'attributes-natural-language': 'en', ...attributes };
  return Buffer.concat([head, group(TAGS.operation, first), group(TAGS.job, job), Buffer.of(TAGS.end), document]);
}

function group(tag: number, attributes: Sent): Buffer {
  const entries = Object.entries(attributes) as [SentName, string | number | boolean | readonly string[]][];
  if (entries.length === 0) return Buffer.alloc(0);
  const parts = entries.flatMap(([name, given]) => {
    const values = typeof given === 'object' ? given : [given];
    return values.map((value, i) => attribute(SYNTAX[name], i === 0 ? name : '', value));
  });
  return Buffer.concat([Buffer.of(tag), ...parts]);
}

function attribute(syntax: number, name: string, value: string | number | boolean): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.alloc(typeof value === 'number' ? 4 : 1);
  if (typeof value === 'number') bytes.writeInt32BE(value);
  else if (typeof value === 'boolean') bytes[0] = Number(value);
  return Buffer.concat([Buffer.of(syntax), sized(Buffer.from(name)), sized(bytes)]);
}

function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Reads an answer; every length in it is checked against what is there. */
export function decodeAnswer(bytes: Uint8Array): Result<IppAnswer, 'malformed'> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 9) return err('malformed');
  const groups: { tag: number; attributes: Map<string, Value[]> }[] = [];
  let values: Value[] | undefined;
  for (let at = 8; at < buffer.length; ) {
    const tag = buffer[at] ?? 0;
    at += 1;
    if (tag === TAGS.end) return ok({ status: buffer.readUInt16BE(2), groups });
    if (tag < 0x10) {
      groups.push({ tag, attributes: new Map() });
      values = undefined;
      continue;
    }
    const name = field(buffer, at);
    const value = name && field(buffer, at + 2 + name.length);
    const last = groups.at(-1);
    if (!name || !value || !last) return err('malformed');
    at += 4 + name.length + value.length;
    if (name.length > 0) {
      values = [];
      last.attributes.set(name.toString(), values);
    }
    values?.push(valueOf(tag, value));
  }
  return err('malformed');
}

/** The bytes behind a two-byte length; undefined when the length points behind the end. */
function field(buffer: Buffer, at: number): Buffer | undefined {
  if (at + 2 > buffer.length) return undefined;
  const length = buffer.readUInt16BE(at);
  return at + 2 + length <= buffer.length ? buffer.subarray(at + 2, at + 2 + length) : undefined;
}

function valueOf(tag: number, bytes: Buffer): Value {
  switch (tag) {
    case TAGS.integer:
    case TAGS.enum:
      return bytes.length === 4 ? bytes.readInt32BE() : null;
    case TAGS.boolean:
      return bytes.length === 1 ? bytes[0] !== 0 : null;
    case TAGS.octets:
    case TAGS.text:
    case TAGS.name:
    case TAGS.keyword:
    case TAGS.uri:
    case TAGS.charset:
    case TAGS.language:
    case TAGS.mimeType:
      return bytes.toString();
    default:
      return null;
  }
}

/** The jobs of a list, each as an answer of its own. */
export function jobsOf({ status, groups }: IppAnswer): IppAnswer[] {
  return groups.filter(({ tag }) => tag === TAGS.job).map((group) => ({ status, groups: [group] }));
}

/** The values of an attribute in the first group that has it. */
export function valuesOf(answer: IppAnswer, name: string): readonly Value[] {
  for (const { attributes } of answer.groups) {
    const values = attributes.get(name);
    if (values) return values;
  }
  return [];
}

export function numberOf(answer: IppAnswer, name: string): number | undefined {
  return valuesOf(answer, name).find((value) => typeof value === 'number');
}

export function wordsOf(answer: IppAnswer, name: string): string[] {
  return valuesOf(answer, name).filter((value) => typeof value === 'string');
}
