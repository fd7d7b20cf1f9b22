/**
 * A terminal's side of the wire, written from its description alone: it takes nothing from contract/ or gateway/ but the shapes,
 * so that the two check each other.
 */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import type { Identity } from '#contract/configuration.ts';
import type { Suite } from '#contract/suite.ts';
import { BatchAnswer, Cursor, type Heartbeat, type WireEntry } from '#contract/wire.ts';
import { sm2Pair, sm2Sign, sm2Verify } from './national.ts';

export interface TerminalKey {
  readonly suite: Suite;
  /** Raw in base64url: 32 bytes, or an uncompressed point. */
  readonly publicKey: string;
  sign(data: Uint8Array): Buffer;
}

export function terminalKey(suite: Suite = 'standard'): TerminalKey {
  if (suite === 'national') {
    const { secret, point } = sm2Pair();
    return { suite, publicKey: point.toString('base64url'), sign: (data) => sm2Sign(data, secret) };
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    suite,
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64url'),
    sign: (data) => sign(null, data, privateKey),
  };
}

/** What a suite calls things on the wire. */
const WIRE = {
  standard: { alg: 'ed25519', digest: 'sha-256', hash: 'sha256' },
  national: { alg: 'sm2sig_sm3', digest: 'sm3', hash: 'sm3' },
} as const;

function digestOf(suite: Suite, content: Uint8Array | string): string {
  const { digest, hash } = WIRE[suite];
  return `${digest}=:${createHash(hash).update(content).digest('base64')}:`;
}

/** A heartbeat of a terminal where all is well. */
export const BEAT = {
  software: '0.1.0',
  catalogue: 'c'.repeat(64),
  unsynced: 0,
  oldestUnsyncedSeconds: null,
  devices: {},
  diskFreeBytes: 1,
};

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
  readonly content: Buffer;
  readonly headers: Headers;
  readonly nonce: string;
}

/** What a test may bend in a request after or before it is signed. */
export interface Bend {
  readonly key?: TerminalKey;
  /** What the request says of its own suite. */
  readonly alg?: string;
  readonly digest?: string;
  readonly terminal?: string;
  readonly createdOffsetS?: number;
  readonly keyid?: string;
  /** Sent instead of what was signed. */
  readonly send?: {
    readonly path?: string;
    readonly body?: Uint8Array;
    readonly method?: string;
    readonly terminal?: string;
  };
  readonly headers?: Record<string, string>;
  /** All but the first byte of the content follows only after this. */
  readonly hold?: Promise<unknown>;
  readonly signal?: AbortSignal;
}

export async function enrol(url: string, code: string, publicKey: string, suite?: string): Promise<Answer> {
  const response = await fetch(`${url}/v1/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, ...(suite === undefined ? {} : { suite }), publicKey }),
  });
  return answerOf(response, '');
}

export class Client {
  readonly url: string;
  readonly identity: Identity;
  readonly key: TerminalKey;
  readonly now: () => Date;

  constructor(url: string, identity: Identity, key: TerminalKey, now: () => Date = () => new Date()) {
    this.url = url;
    this.identity = identity;
    this.key = key;
    this.now = now;
  }

  async cursor(incarnation?: number): Promise<Cursor> {
    const query = incarnation === undefined ? '' : `?incarnation=${incarnation}`;
    const answer = await this.request('GET', `/v1/terminals/self/cursor${query}`, null);
    return Cursor.parse(accepted(answer));
  }

  async send(entries: readonly object[]): Promise<BatchAnswer> {
    return BatchAnswer.parse(accepted(await this.batch(zstdCompressSync(ndjson(entries)))));
  }

  batch(content: Uint8Array, bend: Bend = {}): Promise<Answer> {
    const headers = { 'content-type': 'application/x-ndjson', 'content-encoding': 'zstd', ...bend.headers };
    return this.request('POST', '/v1/terminals/self/batches', content, { ...bend, headers });
  }

  heartbeat(beat: Heartbeat | object): Promise<Answer> {
    return this.request('POST', '/v1/terminals/self/heartbeat', Buffer.from(JSON.stringify(beat)), {
      headers: { 'content-type': 'application/json' },
    });
  }

  async request(method: string, target: string, body: Uint8Array | null, bend: Bend = {}): Promise<Answer> {
    const terminal = bend.terminal ?? this.identity.terminalId;
    const [path = '', query = ''] = target.split('?');
    const key = bend.key ?? this.key;
    const digest = body && (bend.digest ?? digestOf(key.suite, body));
    const nonce = randomBytes(16).toString('base64url');
    const created = Math.floor(this.now().getTime() / 1000) + (bend.createdOffsetS ?? 0);
    const lines = [
      ['@method', method],
      ['@path', path],
      ['@query', `?${query}`],
      ['yichuang-terminal', terminal],
      ...(digest ? [['content-digest', digest]] : []),
    ];
    const names = lines.map(([name]) => `"${name}"`).join(' ');
    const keyid = bend.keyid ?? terminal;
    const input = `(${names});created=${created};nonce="${nonce}";keyid="${keyid}";alg="${bend.alg ?? WIRE[key.suite].alg}"`;
    const base = [...lines.map(([name, value]) => `"${name}": ${value}`), `"@signature-params": ${input}`].join('\n');
    const signature = key.sign(Buffer.from(base)).toString('base64');
    const content = bend.send?.body ?? body;
    // Node's own types don't know that a content of unknown length needs it.
    const duplex = { duplex: 'half' };
    const response = await fetch(`${this.url}${bend.send?.path ?? target}`, {
      ...duplex,
      method: bend.send?.method ?? method,
      headers: {
        'yichuang-terminal': bend.send?.terminal ?? terminal,
        'signature-input': `yichuang=${input}`,
        signature: `yichuang=:${signature}:`,
        ...(digest ? { 'content-digest': digest } : {}),
        ...bend.headers,
      },
      ...(content ? { body: bend.hold ? heldBack(content, bend.hold) : Uint8Array.from(content) } : {}),
      ...(bend.signal ? { signal: bend.signal } : {}),
    });
    return answerOf(response, nonce);
  }

  /** Whether the gateway itself gave this answer, to this very request. */
  isSigned(answer: Answer, nonce = answer.nonce): boolean {
    const input = /^yichuang=(.*)$/.exec(answer.headers.get('signature-input') ?? '')?.[1] ?? '';
    const signature = /^yichuang=:(.*):$/.exec(answer.headers.get('signature') ?? '')?.[1] ?? '';
    const { suite, gatewayKey, terminalId } = this.identity;
    const digest = digestOf(suite, answer.content);
    const lines = [`"@status": ${answer.status}`, `"content-digest": ${digest}`];
    const base = [...lines, `"yichuang-terminal";req: ${terminalId}`, `"@signature-params": ${input}`].join('\n');
    const bytes = Buffer.from(signature, 'base64');
    return (
      answer.headers.get('content-digest') === digest &&
      new RegExp(`^\\("@status" "content-digest" "yichuang-terminal";req\\);created=\\d+;nonce="${nonce}";`).test(
        input,
      ) &&
      (suite === 'national'
        ? sm2Verify(Buffer.from(base), bytes, Buffer.from(gatewayKey, 'base64url'))
        : verify(null, Buffer.from(base), ed25519(gatewayKey), bytes))
    );
  }
}

function heldBack(content: Uint8Array, until: Promise<unknown>): ReadableStream {
  return new ReadableStream({
    async start(stream) {
      // Without a first byte the head would wait too.
      stream.enqueue(content.subarray(0, 1));
      await until;
      stream.enqueue(content.subarray(1));
      stream.close();
    },
  });
}

function ed25519(x: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

export function ndjson(entries: readonly object[]): Buffer {
  return Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

/** `stored`, or `quarantined conflict`: the answers of a batch, in short. */
export function results(answer: BatchAnswer): string[] {
  return answer.entries.map(({ result, code }) => (code === undefined ? result : `${result} ${code}`));
}

async function answerOf(response: Response, nonce: string): Promise<Answer> {
  const content = Buffer.from(await response.arrayBuffer());
  const text = content.toString('utf8');
  const body: unknown = response.status === 206 ? content : JSON.parse(text);
  return { status: response.status, text, content, body, headers: response.headers, nonce };
}

function accepted(answer: Answer): unknown {
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return answer.body;
}

// -- Entries ----------------------------------------------------------------------------------------------------------

function hashHex(data: string | Uint8Array, suite: Suite): string {
  return createHash(WIRE[suite].hash).update(data).digest('hex');
}

export function sha256(data: string | Uint8Array): string {
  return hashHex(data, 'standard');
}

type Draft = Pick<WireEntry, 'id' | 'kind' | 'keys'> & { readonly body: Uint8Array };

/** Writes a terminal's journal: entry after entry, each linked to the one before. */
export class Journal {
  readonly #terminal: string;
  readonly #incarnation: number;
  readonly #suite: Suite;
  #seq = 0;
  readonly #catalogue: string;
  #head = '0'.repeat(64);

  constructor(terminal: string, incarnation = 1, suite: Suite = 'standard', catalogue = 'c'.repeat(64)) {
    this.#terminal = terminal;
    this.#catalogue = catalogue;
    this.#suite = suite;
    this.#incarnation = incarnation;
  }

  add(draft: Draft): WireEntry {
    this.#seq += 1;
    const drafted = {
      v: 1 as const,
      terminal: this.#terminal,
      incarnation: this.#incarnation,
      seq: this.#seq,
      id: draft.id,
      kind: draft.kind,
      catalogue: this.#catalogue,
      body: Buffer.from(draft.body).toString('utf8'),
      bodyHash: hashHex(draft.body, this.#suite),
      prevHash: this.#head,
      at: { wall: '2026-03-02T09:30:00+08:00', monotonicMs: 1000 + this.#seq, boot: 'boot-1', serverOffsetMs: null },
      keys: draft.keys,
    };
    const entry = link(drafted, this.#suite);
    this.#head = entry.hash;
    return entry;
  }
}

/** Gives an entry the hash that its fields call for. */
export function link(entry: Omit<WireEntry, 'hash'>, suite: Suite = 'standard'): WireEntry {
  const { at } = entry;
  const place = ['yichuang-entry-1', entry.terminal, entry.incarnation, entry.seq, entry.id, entry.kind];
  const content = [entry.catalogue, entry.bodyHash, entry.prevHash];
  const time = [at.wall, at.monotonicMs, at.boot, at.serverOffsetMs ?? '-'];
  return { ...entry, hash: hashHex([...place, ...content, ...time].join('\n'), suite) };
}
