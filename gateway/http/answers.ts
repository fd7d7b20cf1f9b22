import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WireError } from '#contract/wire.ts';

const STATUS: Record<WireError['code'], number> = {
  malformed: 400,
  digest: 400,
  signature: 401,
  clock: 401,
  'unknown-terminal': 401,
  revoked: 403,
  'enrol-code': 403,
  'not-found': 404,
  'too-large': 413,
  range: 416,
  failed: 500,
  busy: 503,
};

/** Answers with an error on the envelope: nothing of the request was taken. */
export function refuse(reply: FastifyReply, code: WireError['code'], message: string): FastifyReply {
  if (code === 'busy') reply.header('retry-after', '1');
  return reply.code(STATUS[code]).send(wireError(code, message));
}

/** Sends one away for which there is no room at the moment. */
export function refuseForNow(reply: FastifyReply, retryAfterS: number): FastifyReply {
  reply.code(429).header('retry-after', String(retryAfterS));
  return reply.send(wireError('busy', 'too many requests at once; try again then'));
}

export function wireError(code: WireError['code'], message: string): WireError {
  return { code, message };
}

/** @returns undefined for a header that is absent or stands there more than once. */
export function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** @returns undefined for what isn't JSON; the parser's own message would repeat the content. */
export function parseJson(content: unknown): unknown {
  try {
    return Buffer.isBuffer(content) ? JSON.parse(content.toString('utf8')) : undefined;
  } catch {
    return undefined;
  }
}
