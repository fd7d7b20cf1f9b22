import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { IppPrinter } from './document-printer/printer.ts';
import type { SamReader } from './id-card/reader.ts';
import type { NetworkCut } from './network.ts';
import type { SyntheticPerson } from './people.ts';
import type { EscPosPrinter } from './receipt-printer/printer.ts';

export interface PanelOptions {
  readonly reader: SamReader;
  readonly receiptPrinter: EscPosPrinter;
  readonly documentPrinter: IppPrinter;
  readonly network: NetworkCut;
  readonly people: readonly SyntheticPerson[];
  /** 0 or nothing takes a free one. */
  readonly port?: number;
}

/** A page on loopback with a button for everything that hands do at a terminal's devices. */
export interface Panel {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/** Starts the panel and returns when it listens. */
export async function startPanel(options: PanelOptions): Promise<Panel> {
  const { reader, receiptPrinter, documentPrinter, network, people } = options;
  const page = await readFile(new URL('panel.html', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'panel-'));
  let laid = '';

  const actions = new Map<string, () => unknown>([
    ['lift', () => reader.liftCard()],
    ['lift-during-read', () => reader.faults.liftDuringRead()],
    ['reader-unplug', () => reader.unplug()],
    ['reader-plug', () => reader.plug()],
    ['take-paper', () => receiptPrinter.takePaper()],
    ['paper-out', () => receiptPrinter.paperOut()],
    ['paper-in', () => receiptPrinter.paperIn()],
    ['cover-open', () => receiptPrinter.coverOpen()],
    ['cover-closed', () => receiptPrinter.coverClosed()],
    ['tray-empty', () => documentPrinter.setReason('media-empty', true)],
    ['tray-full', () => documentPrinter.setReason('media-empty', false)],
    ['jam', () => documentPrinter.setReason('media-jam', true)],
    ['jam-cleared', () => documentPrinter.setReason('media-jam', false)],
    ['network-cut', () => network.cut()],
    ['network-mend', () => network.mend()],
    ...people.map((person): [string, () => void] => [
      `lay-${person.id}`,
      () => {
        reader.layCard(person.card);
        laid = person.id;
      },
    ]),
  ]);

  async function state(): Promise<Answer> {
    const { paper, cover } = receiptPrinter.condition;
    const documents = await documentPrinter.papers();
    return json({
      people: people.map(({ id, zh, en }) => ({ id, zh, en })),
      lies: reader.cardLies ? laid || 'another' : '',
      receiptPrinter: { paper, cover, waiting: receiptPrinter.papersWaiting },
      receipts: receiptPrinter.papers.length,
      documents: documents.map((file) => basename(file)),
      network: network.up,
    });
  }

  async function receipt(number: number): Promise<Answer> {
    const paper = receiptPrinter.papers[number - 1];
    if (!paper) return text(404, 'no such receipt');
    const file = join(folder, `${number}.png`);
    await paper.picture(file);
    return { status: 200, type: 'image/png', body: await readFile(file) };
  }

  async function printed(name: string): Promise<Answer> {
    const file = (await documentPrinter.papers()).find((each) => basename(each) === name);
    return file ? { status: 200, type: 'application/pdf', body: await readFile(file) } : text(404, 'no such document');
  }

  async function act(name: string): Promise<Answer> {
    const action = actions.get(name);
    if (!action) return text(404, 'no such action');
    await action();
    return state();
  }

  async function answer(method: string, path: string): Promise<Answer> {
    const [, room = '', name = ''] = path.split('/');
    if (method === 'POST') return room === 'do' ? act(name) : text(404, 'no such page');
    if (method !== 'GET') return text(405, 'GET and POST only');
    switch (room) {
      case '':
        return { status: 200, type: 'text/html; charset=utf-8', body: page };
      case 'state':
        return state();
      case 'receipts':
        return receipt(Number.parseInt(name, 10));
      case 'documents':
        return printed(name);
      default:
        return text(404, 'no such page');
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const given = isOwn(request) ? await answer(method, request.url ?? '/') : text(403, 'only this page may ask');
    response.writeHead(given.status, {
      'content-type': given.type,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    response.end(given.body);
  }

  let url = '';
  /** A foreign page may neither act here nor, under a borrowed name, read. */
  function isOwn(request: IncomingMessage): boolean {
    const { host, origin } = request.headers;
    return `http://${host}` === url && (request.method === 'GET' || origin === url);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((cause: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(cause instanceof Error ? cause.message : 'failed');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the panel has no address');
  url = `http://127.0.0.1:${address.port}`;

  return {
    url,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

function json(value: unknown): Answer {
  return { status: 200, type: 'application/json', body: JSON.stringify(value) };
}
