/** Something on the way to the gateway that means no good, or knows no better. */

import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { unreachable } from '#contract/result.ts';

export const lineFaults = [
  'answer lost',
  'answer late',
  'request late',
  'request doubled',
  'answer cut',
  'answer altered',
  'answer of another request',
  'page of HTML',
  'page of HTML, 403',
  'sent to a login page',
  'bad gateway',
  'too large',
  'busy',
] as const;
export type LineFault = (typeof lineFaults)[number];

/** A request as it went over the wire. */
export interface Overheard {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

const PAGE = '<!doctype html><title>Welcome</title><p>Please accept the terms of this network.</p>';
const HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length']);

export class HostileProxy {
  readonly overheard: Overheard[] = [];
  /** How often each fault struck. */
  readonly struck = new Map<LineFault, number>();
  /** Says what befalls the next request. */
  choose: () => LineFault | null = () => null;
  readonly #gateway: () => string;
  readonly #server: Server;
  #before: Answer | null = null;

  /** @param gateway its address, which may change */
  constructor(gateway: () => string) {
    this.#gateway = gateway;
    this.#server = createServer((incoming, response) => {
      this.#serve(incoming, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
    const headers = Object.entries(incoming.headers).filter(([name]) => !HOP.has(name)) as [string, string][];
    const asked: Overheard = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: Object.fromEntries(headers),
      content: Buffer.concat(chunks),
    };
    this.overheard.push(asked);
    const fault = this.choose();
    if (fault !== null) this.struck.set(fault, (this.struck.get(fault) ?? 0) + 1);
    await this.#befall(fault, asked, response);
  }

  async #befall(fault: LineFault | null, asked: Overheard, response: ServerResponse): Promise<void> {
    const before = this.#before;
    switch (fault) {
      case null:
        return give(response, await this.#pass(asked));
      case 'answer lost':
        await this.#pass(asked);
        response.destroy();
        return;
      case 'answer late': {
        const answer = await this.#pass(asked);
        await pause(300);
        return give(response, answer);
      }
      case 'request late':
        response.destroy();
        await pause(300);
        await this.#pass(asked);
        return;
      case 'request doubled':
        await this.#pass(asked);
        return give(response, await this.#pass(asked));
      case 'answer cut': {
        const { status, headers, body } = await this.#pass(asked);
        response.writeHead(status, { ...headers, 'content-length': body.length });
        response.write(body.subarray(0, body.length / 2), () => response.destroy());
        return;
      }
      case 'answer altered': {
        const answer = await this.#pass(asked);
        // What was held or refused would pass for stored.
        const body = Buffer.from(answer.body.toString('utf8').replaceAll('held', 'stored').replace(/\d/, '7'));
        return give(response, { ...answer, body: body.equals(answer.body) ? Buffer.concat([body, body]) : body });
      }
      case 'answer of another request':
        await this.#pass(asked);
        return give(response, before ?? page(200));
      case 'page of HTML':
        return give(response, page(200));
      case 'page of HTML, 403':
        return give(response, page(403));
      case 'sent to a login page':
        return give(response, { ...page(302), headers: { location: '/login', 'content-type': 'text/html' } });
      case 'bad gateway':
        return give(response, page(502));
      case 'too large':
        return give(response, page(413));
      case 'busy':
        return give(response, { ...page(503), headers: { 'retry-after': '0' } });
      default:
        return unreachable(fault);
    }
  }

  async #pass(asked: Overheard): Promise<Answer> {
    const answer = await repeat(this.#gateway(), asked);
    this.#before = answer;
    return answer;
  }
}

/** Sends what was overheard, byte by byte or with changes. */
export async function repeat(gateway: string, { method, path, headers, content }: Overheard): Promise<Answer> {
  const answer = await request(new URL(path, gateway), {
    method: method as 'GET' | 'POST',
    headers,
    body: method === 'GET' ? null : content,
  });
  const kept = Object.entries(answer.headers).filter(([name]) => !HOP.has(name));
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(kept),
    body: Buffer.from(await answer.body.arrayBuffer()),
  };
}

function page(status: number): Answer {
  return { status, headers: { 'content-type': 'text/html' }, body: Buffer.from(PAGE) };
}

function give(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(body);
}
