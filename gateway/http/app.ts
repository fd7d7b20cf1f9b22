import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { z } from 'zod';
import { writtenIdentity } from '#contract/configuration.ts';
import { unreachable } from '#contract/result.ts';
import {
  type BatchAnswer,
  type Cursor,
  EnrolRequest,
  Heartbeat,
  limits,
  paths,
  TERMINAL_HEADER,
  type WireError,
} from '#contract/wire.ts';
import { enrolCodeHash } from '../identity/codes.ts';
import { identityOf } from '../identity/identity.ts';
import type { DistrictKeys, GatewayKeys } from '../identity/keys.ts';
import { isBusy } from '../store/busy.ts';
import type { GatewayStore, Terminal } from '../store/store.ts';
import { isPublicKey } from '../suite/suite.ts';
import { readBatch } from './batch.ts';
import { answerHeaders, askedBy, checkRequest, digestOf } from './signatures.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who signed the request; null on routes for anyone. */
    terminal: Terminal | null;
  }
}

export interface GatewayOptions {
  readonly store: GatewayStore;
  readonly keys: GatewayKeys;
  readonly districts: DistrictKeys;
  readonly log: FastifyBaseLogger;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Called after the commit of a batch: there may be work for the intake. */
  readonly onBatch: () => void;
  readonly intakeState: () => string;
}

const STATUS: Record<WireError['code'], number> = {
  malformed: 400,
  digest: 400,
  signature: 401,
  clock: 401,
  'unknown-terminal': 401,
  revoked: 403,
  'enrol-code': 403,
  'too-large': 413,
  failed: 500,
  busy: 503,
};

/** The longest content a request may have: a batch that did not compress, with a frame's overhead. */
const BODY_LIMIT = limits.batchBytes + 1024;

/** The gateway's HTTP side (contract/wire.ts, `paths`). It holds no key that opens anything. */
export function gatewayApp(options: GatewayOptions): FastifyInstance {
  const { store, keys, districts, log, now } = options;
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
  });
  app.decorateRequest('terminal', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.addHook('onSend', async (request, reply, payload) => {
    const asked = askedBy(header(request, 'signature-input'));
    if (asked === null) return payload;
    const body = typeof payload === 'string' ? payload : '';
    reply.headers(answerHeaders(reply.statusCode, body, asked, keys, now()));
    return payload;
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, terminal } = request;
    const ms = Math.round(reply.elapsedTime);
    log.info({ method, route: routeOptions.url, status: reply.statusCode, terminal: terminal?.id, ms }, 'answered');
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(wireError('malformed', 'no such address')));
  app.setErrorHandler((error, _request, reply) => {
    const code = 'code' in Object(error) ? String(Object(error).code) : 'unknown';
    if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return refuse(reply, 'too-large', `more than ${BODY_LIMIT} bytes`);
    if (code.startsWith('FST_ERR_')) return refuse(reply, 'malformed', 'the request cannot be read');
    if (isBusy(error)) {
      log.warn({ code }, 'the store is busy or away');
      return refuse(reply, 'busy', 'try again soon');
    }
    log.error({ code, stack: error instanceof Error ? error.stack : undefined }, 'a request failed');
    return refuse(reply, 'failed', 'the gateway failed; nothing was taken');
  });

  /** Knows the terminal by its signature over the head of the request, before any of the content is read. */
  async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const id = header(request, TERMINAL_HEADER) ?? '';
    const signatureInput = header(request, 'signature-input');
    if (askedBy(signatureInput) === null) return refuse(reply, 'signature', 'the request is not signed');
    const terminal = await store.terminal(id);
    if (!terminal) return refuse(reply, 'unknown-terminal', 'this terminal is not enrolled here');
    const [path = '', query] = request.raw.url?.split(/\?(.*)/s) ?? [];
    const signed = {
      method: request.method,
      path,
      query: `?${query ?? ''}`,
      terminal: id,
      contentDigest: header(request, 'content-digest') ?? null,
    };
    const headers = { signatureInput, signature: header(request, 'signature') };
    const checked = checkRequest(signed, headers, terminal, now());
    if (!checked.ok) {
      switch (checked.error) {
        case 'signature':
          return refuse(reply, 'signature', 'the signature does not fit the request');
        case 'clock':
          return refuse(reply, 'clock', "the terminal's clock differs by more than five minutes");
        default:
          return unreachable(checked.error);
      }
    }
    request.terminal = terminal;
    return terminal.state === 'revoked' ? refuse(reply, 'revoked', 'this terminal was revoked') : undefined;
  }

  /** @returns the content, once it is what the signed digest speaks of. */
  function content(request: FastifyRequest): Buffer | null {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    return header(request, 'content-digest') === digestOf(signer(request).suite, body) ? body : null;
  }

  async function cursor(terminal: Terminal, incarnation: number | null): Promise<Cursor> {
    const chain = await store.cursor(terminal, incarnation);
    return { epoch: store.epoch, ...chain, serverTime: now().toISOString(), maxBatch: limits.batchEntries };
  }

  app.get('/healthz', async () => ({ gateway: 'ok', intake: options.intakeState() }));

  app.post(paths.enrol, async (request, reply) => {
    const asked = EnrolRequest.safeParse(parseJson(request.body));
    if (!asked.success) return refuse(reply, 'malformed', 'write {code, suite, publicKey}');
    const { code, suite, publicKey } = asked.data;
    if (!isPublicKey(suite, publicKey)) return refuse(reply, 'malformed', 'the public key is no point of the curve');
    const result = await store.enrol(enrolCodeHash(code), { id: options.newId(), suite, publicKey, at: now() });
    if (result.ok) return writtenIdentity(identityOf(result.value, store.epoch, districts, keys));
    switch (result.error) {
      case 'code':
        return refuse(reply, 'enrol-code', 'this code is unknown, used or older than 15 minutes');
      case 'revoked':
        return refuse(reply, 'revoked', "this terminal's key was revoked");
      case 'full':
        return refuse(reply, 'failed', 'the region has no terminal code left');
      default:
        return unreachable(result.error);
    }
  });

  app.register(async (own) => {
    own.addHook('onRequest', authenticate);

    own.get(paths.cursor, async (request, reply) => {
      const asked = CursorQuery.safeParse(request.query);
      if (!asked.success) return refuse(reply, 'malformed', 'incarnation is a number from 1');
      return cursor(signer(request), asked.data.incarnation ?? null);
    });

    own.post(paths.batches, async (request, reply) => {
      const terminal = signer(request);
      const body = content(request);
      if (!body) return refuse(reply, 'digest', 'the content is not what its digest says');
      const batch = await readBatch(body, header(request, 'content-encoding'), terminal);
      if (!batch.ok) return refuse(reply, batch.error.code, batch.error.message);
      const entries = await store.append(terminal, batch.value, now());
      options.onBatch();
      const incarnation = Math.max(...batch.value.map((item) => item.incarnation));
      return { entries, cursor: await cursor(terminal, incarnation) } satisfies BatchAnswer;
    });

    own.post(paths.heartbeat, async (request, reply) => {
      const body = content(request);
      if (!body) return refuse(reply, 'digest', 'the content is not what its digest says');
      const beat = Heartbeat.safeParse(parseJson(body));
      if (!beat.success) return refuse(reply, 'malformed', 'this is no heartbeat');
      await store.heartbeat(signer(request), beat.data, now());
      return {};
    });
  });
  return app;
}

const CursorQuery = z.object({ incarnation: z.coerce.number().pipe(z.int().min(1)).optional() });

function signer(request: FastifyRequest): Terminal {
  if (!request.terminal) throw new Error('a route for terminals was reached without a signature');
  return request.terminal;
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function wireError(code: WireError['code'], message: string): WireError {
  return { code, message };
}

function refuse(reply: FastifyReply, code: WireError['code'], message: string): FastifyReply {
  if (code === 'busy') reply.header('retry-after', '1');
  return reply.code(STATUS[code]).send(wireError(code, message));
}

function parseJson(content: unknown): unknown {
  try {
    return Buffer.isBuffer(content) ? JSON.parse(content.toString('utf8')) : undefined;
  } catch {
    return undefined;
  }
}
