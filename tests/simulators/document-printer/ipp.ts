/** The little of IPP (RFC 8010) that the simulator itself needs: it sends one document and reads attributes. */
const OPERATION = { printJob: 0x0002, getPrinterAttributes: 0x000b } as const;
const TAG = {
  operation: 0x01,
  end: 0x03,
  integer: 0x21,
  enumeration: 0x23,
  name: 0x42,
  uri: 0x45,
  charset: 0x47,
  language: 0x48,
  mime: 0x49,
} as const;

export interface IppAnswer {
  /** Below 0x0100 is success. */
  readonly status: number;
  /** The texts and numbers of every attribute that has some, by name. */
  readonly values: ReadonlyMap<string, readonly (string | number)[]>;
}

/** Asks for all attributes of the printer at `ipp://HOST:PORT/PATH`. */
export function getPrinterAttributes(uri: string): Promise<IppAnswer> {
  return ask(uri, OPERATION.getPrinterAttributes, [], new Uint8Array());
}

/** Prints one PDF under a name. */
export function printJob(uri: string, name: string, pdf: Uint8Array): Promise<IppAnswer> {
  const attributes = [
    attribute(TAG.name, 'requesting-user-name', 'simulator'),
    attribute(TAG.name, 'job-name', name),
    attribute(TAG.mime, 'document-format', 'application/pdf'),
  ];
  return ask(uri, OPERATION.printJob, attributes, pdf);
}

async function ask(
  uri: string,
  operation: number,
  attributes: readonly Uint8Array[],
  document: Uint8Array,
): Promise<IppAnswer> {
  const head = Buffer.from([2, 0, operation >> 8, operation & 0xff, 0, 0, 0, 1, TAG.operation]);
  const body = Buffer.concat([
    head,
    attribute(TAG.charset, 'attributes-charset', 'utf-8'),
    attribute(TAG.language, 'attributes-natural-language', 'en'),
    attribute(TAG.uri, 'printer-uri', uri),
    ...attributes,
    Uint8Array.of(TAG.end),
    document,
  ]);
  const response = await fetch(uri.replace(/^ipp:/, 'http:'), {
    method: 'POST',
    headers: { 'content-type': 'application/ipp' },
    body,
  });
  if (!response.ok) throw new Error(`the printer answered HTTP ${response.status}`);
  return decode(Buffer.from(await response.arrayBuffer()));
}

function attribute(tag: number, name: string, value: string): Buffer {
  return Buffer.concat([Uint8Array.of(tag), counted(name), counted(value)]);
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function decode(bytes: Buffer): IppAnswer {
  const values = new Map<string, (string | number)[]>();
  let name = '';
  let at = 8;
  while (at < bytes.length) {
    const tag = bytes.readUInt8(at);
    at += 1;
    if (tag === TAG.end) break;
    if (tag < 0x10) continue;
    const [given, afterName] = take(bytes, at);
    const [value, afterValue] = take(bytes, afterName);
    at = afterValue;
    // A value without a name is one more of the attribute before it.
    if (given.length > 0) name = given.toString();
    const readable = tag === TAG.integer || tag === TAG.enumeration ? value.readInt32BE(0) : value.toString();
    values.set(name, [...(values.get(name) ?? []), readable]);
  }
  return { status: bytes.readUInt16BE(2), values };
}

function take(bytes: Buffer, at: number): readonly [Buffer, number] {
  const end = at + 2 + bytes.readUInt16BE(at);
  return [bytes.subarray(at + 2, end), end];
}
