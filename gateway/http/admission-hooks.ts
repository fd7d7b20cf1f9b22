/** Gives each request its place, before its signature is checked and its content read, and takes it back. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Admission, laneOf, type Place } from './admission.ts';
import { header, refuse, refuseForNow } from './answers.ts';
import { signer } from './authentication.ts';
import { healthPaths } from './operation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until it is let in. */
    place: Place | null;
  }
}

export interface AdmissionHooksOptions {
  readonly admission: Admission;
  /** Seconds after which one that was sent away may ask again; by chance, so that many don't come back as one. */
  readonly retryAfterS: () => number;
}

/** Asked also of a gateway that is full or stopping. */
const HEALTH: ReadonlySet<string> = new Set(Object.values(healthPaths));

export function admissionHooks(app: FastifyInstance, { admission, retryAfterS }: AdmissionHooksOptions): void {
  app.decorateRequest('place', null);
  app.addHook('onRequest', async (request, reply) => {
    if (HEALTH.has(request.routeOptions.url ?? '')) return undefined;
    if (admission.isClosing) return refuse(reply.header('connection', 'close'), 'busy', 'this gateway is stopping');
    const place = admission.enter(laneOf(request.routeOptions.url), declaredBytes(request));
    if (!place) return refuseForNow(reply, retryAfterS());
    request.place = place;
    reply.raw.once('close', place.abandon);
    return undefined;
  });
  app.addHook('preHandler', async ({ place }) => place?.begin());
  app.addHook('onSend', async ({ place }, _reply, payload) => {
    place?.leave();
    return payload;
  });
}

/** For a route's `onRequest`, once the terminal is known: one request of it at a time among those for the same `what`. */
export function onePerTerminal(what: string, { retryAfterS }: Pick<AdmissionHooksOptions, 'retryAfterS'>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
    request.place?.holdFor(`${what} ${signer(request).id}`) === true ? undefined : refuseForNow(reply, retryAfterS());
}

function declaredBytes(request: FastifyRequest): number | undefined {
  const length = header(request, 'content-length');
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}
