import { once } from 'node:events';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { errorCode, framesOf } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { isBusy } from '../store/busy.ts';
import type { GatewayStore } from '../store/store.ts';
import { BATCH_CONTENT_BYTES } from './admission.ts';
import { type AdmissionHooksOptions, admissionHooks } from './admission-hooks.ts';
import { header, refuse, wireError } from './answers.ts';
import { authentication } from './authentication.ts';
import { type EnrolRouteOptions, enrolRoute } from './enrol-route.ts';
import { journalRoutes } from './journal-routes.ts';
import { keyRoute } from './key-route.ts';
import { districtKeyRoute, gatewayKeysRoute } from './keys-routes.ts';
import { materialRoutes } from './material-routes.ts';
import { type HealthOptions, healthRoutes } from './operation.ts';
import { type Servers, servers, type TlsFiles } from './server.ts';
import { answerHeaders, askedBy } from './signatures.ts';
import { updatesRoutes } from './updates-routes.ts';

export interface GatewayOptions extends AdmissionHooksOptions, EnrolRouteOptions {
  readonly metrics: Metrics;
  /** Null when they are told elsewhere. */
  readonly health: HealthOptions | null;
  readonly store: GatewayStore;
  readonly log: FastifyBaseLogger;
  /** Called after the commit of a batch: there may be work for the intake. */
  readonly onBatch: () => void;
  /** Milliseconds for a whole request to arrive; {@link REQUEST_MS} unless it is given. */
  readonly requestMs?: number;
  /** Without it HTTP in the clear. */
  readonly tls?: TlsFiles | undefined;
}

export interface GatewayApp extends Pick<Servers, 'renewCertificate'> {
  readonly app: FastifyInstance;
  /** Answers what is in hand, for so many milliseconds at most; new requests are sent away meanwhile. */
  readonly stop: (withinMs: number) => Promise<void>;
  /** @returns its address as a URL */
  readonly listen: (at: { readonly host: string; readonly port: number }) => Promise<string>;
}

/** A batch that did not compress has this long, in milliseconds: 4.4 kB/s. Without a bound slow senders would fill the gateway. */
const REQUEST_MS = 120_000;

/** For an answer that was given, to be taken, in milliseconds. */
const ANSWER_MS = 1_000;

/** Longer than the minute between two heartbeats, so that a terminal need not connect anew for each. */
const KEEP_ALIVE_MS = 72_000;

/**
 * The gateway's HTTP side (contract/wire.ts, `paths`). It holds no key that opens anything.
 * @throws Error in words when the certificate can't be used.
 */
export function gatewayApp(options: GatewayOptions): GatewayApp {
  const { keys, log, metrics, now, requestMs = REQUEST_MS, tls } = options;
  const { make, renewCertificate, cut } = servers(
    {
      requestTimeout: requestMs,
      // Node looks for late requests this often, and gives the head of one 60 s of its own.
      connectionsCheckingInterval: Math.min(requestMs, 5_000),
      headersTimeout: Math.min(requestMs, 20_000),
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    tls,
  );
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BATCH_CONTENT_BYTES,
    serverFactory: make,
  });
  app.decorateRequest('terminal', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  admissionHooks(app, options);
  app.addHook('onSend', async (request, reply, payload) => {
    const asked = askedBy(header(request, 'signature-input'));
    // Nothing is acknowledged under a name that the request did not prove.
    if (asked === null || (reply.statusCode < 400 && request.terminal === null)) return payload;
    const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : '';
    reply.headers(answerHeaders(reply.statusCode, body, asked, keys, now()));
    return payload;
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, terminal } = request;
    const ms = Math.round(reply.elapsedTime);
    metrics.answered(routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1000);
    log.info(
      { request: request.id, method, route: routeOptions.url, status: reply.statusCode, terminal: terminal?.id, ms },
      'answered',
    );
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(wireError('malformed', 'no such address')));
  app.setErrorHandler((error, request, reply) => {
    const code = errorCode(error);
    if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      return refuse(reply, 'too-large', `more than ${request.routeOptions.bodyLimit} bytes`);
    }
    if (code.startsWith('FST_ERR_')) return refuse(reply, 'malformed', 'the request cannot be read');
    if (isBusy(error)) {
      metrics.failed('store-busy');
      log.warn({ request: request.id, code }, 'the store is busy or away');
      return refuse(reply, 'busy', 'try again soon');
    }
    if (code === 'ECONNRESET' && reply.raw.destroyed) {
      log.info({ request: request.id, code }, 'a request broke off');
      return refuse(reply, 'malformed', 'the request broke off');
    }
    metrics.failed('unexpected');
    log.error({ request: request.id, code, stack: framesOf(error) }, 'a request failed');
    return refuse(reply, 'failed', 'the gateway failed; nothing was taken');
  });

  if (options.health) healthRoutes(app, options.health);
  enrolRoute(app, options);
  gatewayKeysRoute(app, options);
  app.register(async (own) => {
    own.addHook('onRequest', authentication(options));
    journalRoutes(own, options);
    updatesRoutes(own, options);
    materialRoutes(own, options);
    keyRoute(own, options);
    districtKeyRoute(own, options);
  });
  return {
    app,
    renewCertificate,
    async stop(withinMs) {
      const patience = AbortSignal.timeout(withinMs);
      await Promise.race([options.admission.close(), once(patience, 'abort')]);
      const closed = app.close();
      // The last answers may still be on their way; whoever asks nothing would hold the listener for ever.
      const timer = setTimeout(cut, ANSWER_MS);
      await closed;
      clearTimeout(timer);
    },
    async listen(at) {
      const url = await app.listen(at);
      return tls ? url.replace(/^http:/, 'https:') : url;
    },
  };
}
