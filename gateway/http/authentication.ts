/** Who signed a request, and whether its content is what was signed. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { unreachable } from '#contract/result.ts';
import { TERMINAL_HEADER } from '#contract/signatures.ts';
import type { GatewayStore, Terminal } from '../store/store.ts';
import { header, refuse } from './answers.ts';
import { askedBy, checkRequest, digestOf } from './signatures.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who signed the request; null on routes for anyone. */
    terminal: Terminal | null;
  }
}

export interface AuthenticationOptions {
  readonly store: Pick<GatewayStore, 'terminal'>;
  readonly now: () => Date;
}

/** A hook that knows the terminal by its signature over the head of the request, before any of the content is read. */
export function authentication({ store, now }: AuthenticationOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
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
  };
}

export function signer(request: FastifyRequest): Terminal {
  if (!request.terminal) throw new Error('a route for terminals was reached without a signature');
  return request.terminal;
}

/** @returns the content, once it is what the signed digest speaks of; else the answer was given. */
export function signedContent(request: FastifyRequest, reply: FastifyReply): Buffer | null {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (header(request, 'content-digest') === digestOf(signer(request).suite, body)) return body;
  refuse(reply, 'digest', 'the content is not what its digest says');
  return null;
}
