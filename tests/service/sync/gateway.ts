import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { zstdDecompressSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { contentDigest, parseSignatureInput, requestSignature, responseSignature } from '#contract/signatures.ts';
import { type EntryAnswer, GENESIS_HASH, KeyRequest, paths, WireEntry } from '#contract/wire.ts';

/** What one request is met with instead of the plain answer. From `lost` on, a batch was stored before. */
export type Fault =
  | { readonly fault: 'refused-connection' }
  | { readonly fault: 'html'; readonly status: number }
  | { readonly fault: 'status'; readonly status: number; readonly code: string; readonly retryAfter?: string }
  | { readonly fault: 'lost' }
  | { readonly fault: 'cut' }
  | { readonly fault: 'unsigned' }
  | { readonly fault: 'foreign-key' }
  | { readonly fault: 'replayed' }
  | { readonly fault: 'altered' }
  | { readonly fault: 'rubbish' };

interface Stored {
  readonly entry: WireEntry;
}

/**
 * A small district written from the contract alone: it stores chains, answers entry by entry, signs what it says, and meets
 * requests with faults that the test lays out beforehand.
 */
export class TestGateway {
  epoch = 'epoch-1';
  /** Milliseconds since 1970 as the district has it. */
  now = () => Date.now();
  /** Entries by incarnation, in the order of their sequence; a place may be empty. */
  readonly chains = new Map<number, Map<number, Stored>>();
  /** Sequences that are met with quarantine. */
  readonly poison = new Set<number>();
  readonly batches: WireEntry[][] = [];
  /** Bytes of each batch as it was sent, and when by the district's clock. */
  readonly contents: { readonly bytes: number; readonly atMs: number }[] = [];
  readonly heartbeats: unknown[] = [];
  /** Requests that carried no good signature of the terminal. */
  forged = 0;
  /** Taken by the next batches, one each. */
  faults: Fault[] = [];
  /** Taken by the next questions for the cursor, one each. */
  cursorFaults: Fault[] = [];
  /** Bytes of a batch before compression above which 413 is answered. */
  maxBytes = Number.POSITIVE_INFINITY;
  maxSkewMs = 300_000;
  /** Whether the terminal was revoked: it is told so, signed. */
  revoked = false;
  /** Keys that the terminal put in the place of its own, raw in base64url. */
  readonly keys: string[] = [];
  readonly #pair = generateKeyPairSync('ed25519');
  readonly #foreign = generateKeyPairSync('ed25519');
  #terminalKey: KeyObject;
  readonly #server: Server;

  private constructor(terminalKey: KeyObject) {
    this.#terminalKey = terminalKey;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(terminalKey: KeyObject): Promise<TestGateway> {
    const gateway = new TestGateway(terminalKey);
    gateway.#server.listen(0, '127.0.0.1');
    await once(gateway.#server, 'listening');
    onTestFinished(() => {
      gateway.#server.closeAllConnections();
      gateway.#server.close();
    });
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Raw 32 bytes in base64url. */
  get publicKey(): string {
    return String(this.#pair.publicKey.export({ format: 'jwk' }).x);
  }

  chain(incarnation: number): WireEntry[] {
    return [...(this.chains.get(incarnation) ?? new Map<number, Stored>()).entries()]
      .toSorted(([a], [b]) => a - b)
      .map(([, { entry }]) => entry);
  }

  /** Goes back to an old backup: the newest entries of an incarnation are gone, and the epoch is another. */
  restore(incarnation: number, upTo: number): void {
    this.epoch = `${this.epoch}-restored`;
    for (const seq of this.chains.get(incarnation)?.keys() ?? []) {
      if (seq > upTo) this.chains.get(incarnation)?.delete(seq);
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const content = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', this.url);
    const faults: Readonly<Record<string, Fault[]>> = {
      [paths.batches]: this.faults,
      [paths.cursor]: this.cursorFaults,
    };
    const fault = faults[url.pathname]?.shift();

    if (fault?.fault === 'refused-connection') return void request.socket.destroy();
    if (fault?.fault === 'html') return void response.writeHead(fault.status).end('<html>Please sign in</html>');
    if (fault?.fault === 'status') {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      return this.#answer(request, response, fault.status, { code: fault.code, message: 'as the test wants' });
    }
    const trouble = this.#check(request, url, content);
    if (trouble) return this.#answer(request, response, 401, { code: trouble, message: trouble });
    if (this.revoked) return this.#answer(request, response, 403, { code: 'revoked', message: 'revoked' });

    if (url.pathname === paths.heartbeat) {
      this.heartbeats.push(JSON.parse(content.toString('utf8')));
      return this.#answer(request, response, 200, {});
    }
    if (url.pathname === paths.key) {
      const { publicKey } = KeyRequest.parse(JSON.parse(content.toString('utf8')));
      this.keys.push(publicKey);
      this.#terminalKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
      return this.#answer(request, response, 200, {});
    }
    if (url.pathname === paths.cursor) {
      const asked = url.searchParams.get('incarnation');
      const incarnation = asked === null ? Math.max(1, ...this.chains.keys()) : Number(asked);
      return this.#answer(request, response, 200, this.#cursor(incarnation), fault);
    }
    // As a gateway that knows nothing of updates: there is no such address.
    if (url.pathname !== paths.batches) {
      return this.#answer(request, response, 404, { code: 'malformed', message: 'no such address' });
    }
    this.contents.push({ bytes: content.length, atMs: this.now() });
    const plain = zstdDecompressSync(content).toString('utf8');
    if (plain.length > this.maxBytes) {
      return this.#answer(request, response, 413, { code: 'too-large', message: 'smaller' });
    }
    const entries = plain
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => WireEntry.parse(JSON.parse(line)));
    this.batches.push(entries);
    const answers = entries.map((entry) => this.#take(entry));
    return this.#answer(
      request,
      response,
      200,
      { entries: answers, cursor: this.#cursor(entries[0]?.incarnation ?? 1) },
      fault,
    );
  }

  #take(entry: WireEntry): EntryAnswer {
    const { incarnation, seq } = entry;
    const chain = this.chains.get(incarnation) ?? new Map<number, Stored>();
    this.chains.set(incarnation, chain);
    const present = chain.get(seq);
    if (present && present.entry.hash !== entry.hash)
      return { incarnation, seq, result: 'quarantined', code: 'conflict' };
    if (this.poison.has(seq)) {
      chain.set(seq, { entry });
      return { incarnation, seq, result: 'quarantined', code: 'body' };
    }
    chain.set(seq, present ?? { entry });
    return seq > this.#cursor(incarnation).contiguousSeq
      ? { incarnation, seq, result: 'held', code: 'gap' }
      : { incarnation, seq, result: present ? 'duplicate' : 'stored' };
  }

  #cursor(incarnation: number) {
    const chain = this.chains.get(incarnation);
    let contiguousSeq = 0;
    while (chain?.has(contiguousSeq + 1)) contiguousSeq += 1;
    return {
      epoch: this.epoch,
      incarnation,
      contiguousSeq,
      holes: [],
      headHash: chain?.get(contiguousSeq)?.entry.hash ?? GENESIS_HASH,
      serverTime: new Date(this.now()).toISOString(),
      maxBatch: 200,
    };
  }

  #check(request: IncomingMessage, url: URL, content: Uint8Array): 'signature' | 'digest' | 'clock' | null {
    const header = (name: string) => String(request.headers[name] ?? '');
    const given = parseSignatureInput(header('signature-input'));
    const digest = content.length === 0 ? null : digestOf(content);
    if (digest !== null && header('content-digest') !== digest) return 'digest';
    const terminal = header('yichuang-terminal');
    const signed = given
      ? requestSignature(
          {
            method: request.method ?? '',
            path: url.pathname,
            query: url.search === '' ? '?' : url.search,
            terminal,
            contentDigest: digest,
          },
          given,
        )
      : null;
    const signature = Buffer.from(/^yichuang=:(.*):$/.exec(header('signature'))?.[1] ?? '', 'base64');
    if (!given || signed?.input !== given.input || given.keyid !== terminal) {
      this.forged += 1;
      return 'signature';
    }
    if (!verify(null, Buffer.from(signed.base), this.#terminalKey, signature)) {
      this.forged += 1;
      return 'signature';
    }
    return Math.abs(given.created * 1000 - this.now()) > this.maxSkewMs ? 'clock' : null;
  }

  #answer(request: IncomingMessage, response: ServerResponse, status: number, value: unknown, fault?: Fault): void {
    const text = fault?.fault === 'rubbish' ? '{"entries":17}' : JSON.stringify(value);
    const asked = parseSignatureInput(String(request.headers['signature-input'] ?? ''));
    const nonce = fault?.fault === 'replayed' ? 'a-nonce-of-another-request' : (asked?.nonce ?? '');
    const digest = digestOf(Buffer.from(text));
    const created = Math.floor(this.now() / 1000);
    const { input, base } = responseSignature(status, digest, asked?.keyid ?? '', {
      suite: 'standard',
      created,
      nonce,
      keyid: 'gateway',
    });
    const key = fault?.fault === 'foreign-key' ? this.#foreign.privateKey : this.#pair.privateKey;
    const headers = {
      'content-digest': digest,
      'signature-input': `yichuang=${input}`,
      signature: `yichuang=:${sign(null, Buffer.from(base), key).toString('base64')}:`,
    };
    if (fault?.fault !== 'unsigned')
      for (const [name, header] of Object.entries(headers)) response.setHeader(name, header);
    response.statusCode = status;
    if (fault?.fault === 'lost') return void request.socket.destroy();
    if (fault?.fault === 'cut') {
      response.setHeader('content-length', text.length);
      response.write(text.slice(0, text.length / 2));
      response.socket?.end();
      return;
    }
    response.end(fault?.fault === 'altered' ? text.replace('1', '2') : text);
  }
}

function digestOf(content: Uint8Array): string {
  return contentDigest('standard', createHash('sha256').update(content).digest('base64'));
}
