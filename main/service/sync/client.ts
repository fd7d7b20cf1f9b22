import type { KeyObject } from 'node:crypto';
import { DecoratorHandler, type Dispatcher, request } from 'undici';
import type { z } from 'zod';
import { DistrictKeyAnswer, GatewayKeysAnswer } from '#contract/keys.ts';
import { MaterialProgress, materialPath } from '#contract/materials.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { type UpdateAck, UpdatesAnswer } from '#contract/updates.ts';
import {
  BatchAnswer,
  Cursor,
  type Heartbeat,
  type KeyRequest,
  keyProofText,
  packagePath,
  paths,
  WireError,
} from '#contract/wire.ts';
import { gatewayAgent, lineFault } from '../gateway-line.ts';
import type { GatewayTrust } from '../identity/gateway-trust.ts';
import type { OwnIdentity } from '../identity/identity.ts';
import { toBase64Url } from '../sealing/base64url.ts';
import { rawPublicKey, signText } from '../suite/suite.ts';
import type { Clock } from '../time/clock.ts';
import type { Random } from '../time/random.ts';
import type { ServerTime } from '../time/server-time.ts';
import { retryAfterMs } from './backoff.ts';
import { type IncomingAnswer, type OutgoingRequest, signedHeaders, verifiedTime } from './signing.ts';

/** Why a request brought nothing. In no case was anything acknowledged. */
export type ExchangeError =
  | { readonly code: 'unreachable'; readonly why: string }
  /** Something answered that isn't our gateway: a proxy, a login page, an answer altered or replayed. */
  | { readonly code: 'not-the-gateway'; readonly why: string }
  | { readonly code: 'busy'; readonly retryAfterMs: number | null }
  /** Unsigned, a proxy on the way may have said it. */
  | { readonly code: 'too-large'; readonly signed: boolean }
  /** The gateway itself failed, or answered in a shape that the contract does not know. */
  | { readonly code: 'failed'; readonly why: string }
  /** The gateway itself refuses this envelope. */
  | { readonly code: 'refused'; readonly why: WireError['code']; readonly detail: string };

export interface ClientOptions {
  readonly identity: OwnIdentity;
  /** Without it only the gateway's key in `identity` is believed. */
  readonly trust?: Pick<GatewayTrust, 'keyAt' | 'believed'> | undefined;
  readonly url: string;
  /** As {@link GatewayLineOptions.tlsPins}. */
  readonly tlsPins?: readonly string[] | undefined;
  readonly clock: Pick<Clock, 'wall' | 'monotonicMs'>;
  readonly random: Random;
  readonly serverTime: ServerTime;
  /** Hears how many bytes of content each request takes along, and how many of a package an answer brings. */
  readonly spend?: (bytes: number) => void;
  /** Milliseconds for connecting, for the first byte and between two bytes of an answer. */
  readonly timeoutMs?: number;
  /** Carries the requests; handed in by who owns the network. Without it they go out over connections of our own. */
  readonly dispatcher?: Dispatcher;
}

const ANSWER_MAX_BYTES = 1024 * 1024;

/** Speaks to the gateway: every request signed by this terminal, every answer believed only with the gateway's signature. */
export class GatewayClient {
  readonly #o: ClientOptions;
  readonly #dispatcher: Dispatcher;

  constructor(o: ClientOptions) {
    this.#o = o;
    this.#dispatcher = o.dispatcher ?? gatewayAgent({ tlsPins: o.tlsPins, timeoutMs: o.timeoutMs ?? 20_000 });
  }

  /** @param incarnation null for the newest that the district knows. */
  async cursor(incarnation: number | null): Promise<Result<Cursor, ExchangeError>> {
    const query = incarnation === null ? '?' : `?incarnation=${incarnation}`;
    return this.#ask({ method: 'GET', path: paths.cursor, query, content: null }, Cursor);
  }

  /**
   * @param content NDJSON, zstd
   * @param onOut as {@link OutgoingRequest.onOut}; told again when the clock was wrong and it goes out once more
   */
  async send(
    { content }: { readonly content: Buffer },
    onOut?: () => void,
  ): Promise<Result<BatchAnswer, ExchangeError>> {
    const outgoing = { method: 'POST', path: paths.batches, query: '?', content } as const;
    return this.#ask(onOut ? { ...outgoing, onOut } : outgoing, BatchAnswer, {
      'content-type': 'application/x-ndjson',
      'content-encoding': 'zstd',
    });
  }

  async heartbeat(beat: Heartbeat): Promise<Result<unknown, ExchangeError>> {
    const content = Buffer.from(JSON.stringify(beat), 'utf8');
    return this.#ask({ method: 'POST', path: paths.heartbeat, query: '?', content }, null, {
      'content-type': 'application/json',
    });
  }

  /** Has the gateway take the key `to` for this terminal. @param by signs the request: the key that is replaced, or `to` when that was done already */
  async changeKey(by: KeyObject, to: KeyObject): Promise<Result<unknown, ExchangeError>> {
    const publicKey = rawPublicKey(to);
    const text = keyProofText(this.#o.identity.terminalId, rawPublicKey(by), publicKey);
    const asked: KeyRequest = { publicKey, proof: toBase64Url(signText(text, to)) };
    const content = Buffer.from(JSON.stringify(asked), 'utf8');
    const headers = { 'content-type': 'application/json' };
    return this.#ask({ method: 'POST', path: paths.key, query: '?', content }, null, headers, by);
  }

  /** @param after the cursor of the answer before; null for the beginning. */
  async updates(after: string | null): Promise<Result<UpdatesAnswer, ExchangeError>> {
    const query = after === null ? '?' : `?after=${encodeURIComponent(after)}`;
    return this.#ask({ method: 'GET', path: paths.updates, query, content: null }, UpdatesAnswer);
  }

  async acknowledge(ack: UpdateAck): Promise<Result<unknown, ExchangeError>> {
    const content = Buffer.from(JSON.stringify(ack), 'utf8');
    return this.#ask({ method: 'POST', path: paths.updatesAck, query: '?', content }, null, {
      'content-type': 'application/json',
    });
  }

  /** The gateway's keys, which prove themselves: nothing is signed, and no time has to be right. */
  async gatewayKeys(): Promise<Result<GatewayKeysAnswer, ExchangeError>> {
    const { suite } = this.#o.identity;
    const query = suite === 'standard' ? '?' : `?suite=${suite}`;
    const answer = await this.#send({ method: 'GET', path: paths.gatewayKeys, query, content: null }, {});
    if (!answer.ok) return answer;
    const keys = GatewayKeysAnswer.safeParse(json(answer.value.content));
    if (answer.value.status === 200 && keys.success) return ok(keys.data);
    return err({ code: 'failed', why: `status ${answer.value.status}` });
  }

  async districtKey(): Promise<Result<DistrictKeyAnswer, ExchangeError>> {
    return this.#ask({ method: 'GET', path: paths.districtKey, query: '?', content: null }, DistrictKeyAnswer);
  }

  /** A part of a package from a place on, at most `bytes` long; `total` is what the district says of the whole. */
  async packagePart(
    sha256: string,
    from: number,
    bytes: number,
  ): Promise<Result<{ readonly content: Uint8Array; readonly total: number }, ExchangeError>> {
    const outgoing = { method: 'GET', path: packagePath(sha256), query: '?', content: null } as const;
    const answer = await this.#believed(outgoing, { range: `bytes=${from}-${from + bytes - 1}` }, 206);
    if (!answer.ok) return answer;
    const { content, header } = answer.value;
    this.#o.spend?.(content.length);
    const range = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(header('content-range') ?? '');
    const isAsked = Number(range?.[1]) === from && content.length > 0 && content.length <= bytes;
    return isAsked
      ? ok({ content, total: Number(range?.[2]) })
      : err({ code: 'failed', why: 'a part that was not asked for' });
  }

  /** How far the district has come with a material. */
  async material(hash: string): Promise<Result<MaterialProgress, ExchangeError>> {
    return this.#ask({ method: 'GET', path: materialPath(hash), query: '?', content: null }, MaterialProgress);
  }

  /** Sends a part of a material. @param from where it begins */
  async materialPart(
    hash: string,
    from: number,
    content: Uint8Array,
  ): Promise<Result<MaterialProgress, ExchangeError>> {
    const outgoing = { method: 'POST', path: materialPath(hash), query: `?from=${from}`, content } as const;
    return this.#ask(outgoing, MaterialProgress, { 'content-type': 'application/octet-stream' });
  }

  /** Cuts what is under way. */
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #ask<T>(
    outgoing: OutgoingRequest,
    shape: z.ZodType<T> | null,
    headers: Record<string, string> = {},
    by?: KeyObject,
  ): Promise<Result<T, ExchangeError>> {
    const answer = await this.#believed(outgoing, headers, 200, by);
    if (!answer.ok || shape === null) return answer.ok ? ok(undefined as T) : answer;
    const parsed = shape.safeParse(json(answer.value.content));
    return parsed.success ? ok(parsed.data) : err({ code: 'failed', why: 'an answer of another shape' });
  }

  /** @returns the gateway's own answer with the status that is wanted. */
  async #believed(
    outgoing: OutgoingRequest,
    headers: Record<string, string>,
    wanted: 200 | 206,
    by?: KeyObject,
  ): Promise<Result<IncomingAnswer, ExchangeError>> {
    const first = await this.#exchange(outgoing, headers, wanted, by);
    // The refusal itself told us the right time; a second one means that something else is wrong.
    const clockWasWrong = !first.ok && first.error.code === 'refused' && first.error.why === 'clock';
    return clockWasWrong ? this.#exchange(outgoing, headers, wanted, by) : first;
  }

  async #exchange(
    outgoing: OutgoingRequest,
    headers: Record<string, string>,
    wanted: 200 | 206,
    by?: KeyObject,
  ): Promise<Result<IncomingAnswer, ExchangeError>> {
    const { identity, clock, random, serverTime, trust } = this.#o;
    const nonce = toBase64Url(random.bytes(18));
    const now = serverTime.now(clock);
    const { suite } = identity;
    const signer = { suite, terminal: identity.terminalId, key: by ?? identity.key, now, nonce };
    const answer = await this.#send(outgoing, { ...headers, ...signedHeaders(outgoing, signer) });
    if (!answer.ok) return answer;

    const { status, header, content } = answer.value;
    // These two may come from a proxy on the way, and obeying costs only time.
    if (status === 429 || status === 503) {
      return err({ code: 'busy', retryAfterMs: retryAfterMs(header('retry-after'), clock.wall()) });
    }
    const gateway = (created: Date) => (trust ? trust.keyAt(created) : identity.gateway);
    const time = verifiedTime(answer.value, { suite, gateway, nonce, terminal: signer.terminal });
    if (status === 413) return err({ code: 'too-large', signed: time !== null });
    if (!time) return err({ code: 'not-the-gateway', why: `an answer ${status} without the gateway's signature` });
    try {
      trust?.believed(time);
    } catch (error) {
      // No answer counts that would be believed no more after the next start.
      return err({ code: 'failed', why: error instanceof Error ? error.message : 'unknown' });
    }
    serverTime.learn(new Date(time.getTime() + 500), clock);

    if (status === wanted) return answer;
    const refusal = WireError.safeParse(json(content));
    if (status >= 400 && status < 500 && refusal.success) {
      return err({ code: 'refused', why: refusal.data.code, detail: refusal.data.message });
    }
    return err({ code: 'failed', why: `status ${status}` });
  }

  async #send(
    outgoing: OutgoingRequest,
    headers: Record<string, string>,
  ): Promise<Result<IncomingAnswer, ExchangeError>> {
    const query = outgoing.query === '?' ? '' : outgoing.query;
    this.#o.spend?.(outgoing.content?.length ?? 0);
    try {
      const answer = await request(new URL(outgoing.path + query, this.#o.url), {
        method: outgoing.method,
        headers,
        body: outgoing.content,
        dispatcher: outgoing.onOut ? this.#dispatcher.compose(telling(outgoing.onOut)) : this.#dispatcher,
      });
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
        bytes += chunk.length;
        if (bytes > ANSWER_MAX_BYTES) return err({ code: 'not-the-gateway', why: 'an endless answer' });
        chunks.push(chunk);
      }
      const header = (name: string) => {
        const value = answer.headers[name];
        return typeof value === 'string' ? value : undefined;
      };
      return ok({ status: answer.statusCode, header, content: Buffer.concat(chunks) });
    } catch (error) {
      return err(lineFault(error));
    }
  }
}

/** Tells when a request begins to be written: before, the dispatcher looks whether the gateway has closed the connection meanwhile. */
function telling(onOut: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const decorated = new DecoratorHandler(handler);
    return dispatch(
      options,
      Object.assign(decorated, {
        onRequestStart(...given: Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestStart']>>): void {
          handler.onRequestStart?.(...given);
          onOut();
        },
      }),
    );
  };
}

function json(content: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(content).toString('utf8'));
  } catch {
    return undefined;
  }
}
