import { request as http } from 'node:http';
import { request as https } from 'node:https';
import { err, ok, type Result } from '#contract/result.ts';
import type { Timers } from '../common/port.ts';
import { ANSWER_BYTES_MAX, decodeAnswer, encodeRequest, type IppAnswer, type Sent } from './ipp.ts';
import { FIRST_ERROR, type Operation } from './protocol.ts';

/** One request to a printer and its answer; `detail` is the network's or the server's word, never personal data. */
export type Ask = (
  operation: Operation,
  attributes: Sent,
  more: {
    readonly job?: Sent;
    readonly document?: Uint8Array;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  },
) => Promise<Result<IppAnswer, { readonly detail: string }>>;

/** Why a question came to nothing: the network's word or the printer's status; undefined when it was answered. */
export function refusal(said: Awaited<ReturnType<Ask>>): string | undefined {
  if (!said.ok) return said.error.detail;
  return said.value.status < FIRST_ERROR ? undefined : `status ${said.value.status.toString(16).padStart(4, '0')}`;
}

/** Speaks IPP over HTTP with the printer at `url` (ipp: or ipps:). A connection serves one request, so that none is stale. */
export function ippClient(url: string, timers: Timers): Ask {
  const target = new URL(url);
  const secure = target.protocol === 'ipps:';
  const options = {
    method: 'POST',
    hostname: target.hostname.replace(/^\[|\]$/g, ''),
    port: target.port === '' ? 631 : Number(target.port),
    path: target.pathname + target.search,
    agent: false,
  };
  let requestId = 0;
  return (operation, attributes, { job, document, timeoutMs, signal }) => {
    requestId = (requestId % 0x7fff_fffe) + 1;
    const body = encodeRequest(operation, requestId, { 'printer-uri': url, ...attributes }, job, document);
    const headers = { 'content-type': 'application/ipp', 'content-length': body.length };
    return new Promise((done) => {
      const request = (secure ? https : http)({ ...options, headers }, (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          chunks.push(chunk);
          if (length > ANSWER_BYTES_MAX) end('answer too long');
        });
        response.on('end', () => {
          if (response.statusCode !== 200) {
            end(`HTTP ${response.statusCode}`);
            return;
          }
          const answer = decodeAnswer(Buffer.concat(chunks));
          end(answer.ok ? answer.value : 'malformed answer');
        });
        response.on('error', (error) => end(error.name));
      });
      const end = (outcome: IppAnswer | string) => {
        cancel();
        signal?.removeEventListener('abort', abort);
        request.destroy();
        // It may hold a document.
        body.fill(0);
        done(typeof outcome === 'string' ? err({ detail: outcome }) : ok(outcome));
      };
      const abort = () => end('stopped');
      const cancel = timers.after(timeoutMs, () => end('no answer'));
      signal?.addEventListener('abort', abort);
      request.on('error', (error) => end('code' in error ? String(error.code) : error.name));
      request.end(body);
    });
  };
}
