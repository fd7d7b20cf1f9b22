import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Sw3 } from './id-card/faults.ts';
import type { SyntheticPerson } from './people.ts';
import type { Simulated } from './process/remote.ts';

export interface PanelOptions {
  readonly reader: Simulated<'ID-card reader'>;
  readonly receiptPrinter: Simulated<'receipt printer'>;
  readonly documentPrinter: Simulated<'document printer'>;
  readonly scanner: Simulated<'scanner'>;
  readonly network: Simulated<'network'>;
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

/** Milliseconds that make a device slow: a person notices, and nothing is given up. */
const SLOW = { reader: 700, receiptPrinter: 300, documentPrinter: 8_000, scannerByte: 40 } as const;
/** Bytes of the longest text to scan. */
const SCAN_MAX = 4_096;

/** What a hand does at a device; `text` is what was written beside the button. */
type Action = (text: string) => Promise<unknown>;

function actionsOf(options: PanelOptions): readonly (readonly [name: string, Action])[] {
  const { reader, receiptPrinter, documentPrinter, scanner, network } = options;
  return [
    ['lift', () => reader.liftCard()],
    ['lift-during-read', () => reader.faults.liftDuringRead()],
    ['reader-unplug', () => reader.unplug()],
    ['reader-plug', () => reader.plug()],
    ['reader-slow', () => reader.faults.delayMs(SLOW.reader)],
    ['reader-fail-next', () => reader.faults.failNext('read', Sw3.readFailed)],
    ['reader-fail-every', () => reader.faults.failEvery('read', Sw3.readFailed)],
    ['reader-well', () => reader.faults.clear()],
    ['take-paper', () => receiptPrinter.takePaper()],
    ['paper-out', () => receiptPrinter.paperOut()],
    ['paper-near-end', () => receiptPrinter.nearEnd(true)],
    ['paper-in', () => receiptPrinter.paperIn()],
    ['cover-open', () => receiptPrinter.coverOpen()],
    ['cover-closed', () => receiptPrinter.coverClosed()],
    ['knife-stuck', () => receiptPrinter.cutterStuck(true)],
    ['knife-free', () => receiptPrinter.cutterStuck(false)],
    ['receipt-printer-unplug', () => receiptPrinter.unplug()],
    ['receipt-printer-plug', () => receiptPrinter.plug()],
    ['receipt-printer-slow', () => receiptPrinter.slowAnswers(SLOW.receiptPrinter)],
    ['receipt-printer-fail-next', () => receiptPrinter.jamAtCut('next')],
    ['receipt-printer-fail-every', () => receiptPrinter.jamAtCut('every')],
    ['receipt-printer-well', () => Promise.all([receiptPrinter.jamAtCut('none'), receiptPrinter.slowAnswers(0)])],
    ['tray-empty', () => documentPrinter.setReason('media-empty', true)],
    ['tray-low', () => lowerTray(documentPrinter)],
    ['tray-full', () => fillTray(documentPrinter)],
    ['jam', () => documentPrinter.setReason('media-jam', true)],
    ['jam-cleared', () => documentPrinter.setReason('media-jam', false)],
    ['lid-open', () => documentPrinter.setReason('cover-open', true)],
    ['lid-closed', () => documentPrinter.setReason('cover-open', false)],
    ['document-printer-unplug', () => documentPrinter.stop()],
    ['document-printer-plug', () => documentPrinter.start()],
    ['document-printer-slow', () => documentPrinter.slowSheets(SLOW.documentPrinter)],
    ['document-printer-fail-next', () => documentPrinter.failNextJob()],
    ['document-printer-fail-every', () => documentPrinter.failEveryJob(true)],
    ['document-printer-well', () => Promise.all([documentPrinter.failEveryJob(false), documentPrinter.slowSheets(0)])],
    ['scan-receipt', () => scanner.scan(receiptCode(receiptPrinter))],
    ['scan-text', (text) => scanner.scan(text)],
    ['scanner-unplug', () => scanner.unplug()],
    ['scanner-plug', () => scanner.plug()],
    ['scanner-slow', () => scanner.faults.slowBytes(SLOW.scannerByte)],
    ['scanner-fail-next', () => scanner.faults.loseScans('next')],
    ['scanner-fail-every', () => scanner.faults.loseScans('every')],
    ['scanner-well', () => Promise.all([scanner.faults.loseScans('none'), scanner.faults.slowBytes(0)])],
    ['network-cut', () => network.cut()],
    ['network-mend', () => network.mend()],
  ];
}

async function lowerTray(printer: PanelOptions['documentPrinter']): Promise<void> {
  await printer.setReason('media-empty', false);
  await printer.setReason('media-low', true);
}

async function fillTray(printer: PanelOptions['documentPrinter']): Promise<void> {
  await printer.setReason('media-empty', false);
  await printer.setReason('media-low', false);
}

/** What a scanner reads on the last receipt that came out. Throws when none carries a code. */
function receiptCode(printer: PanelOptions['receiptPrinter']): string {
  const codes = printer.papers.map(({ text }) => /\[QR (.*)\]/.exec(text)?.[1]);
  const last = codes.findLast((code) => code !== undefined);
  if (last === undefined) throw new Error('还没有回执可扫 there is no receipt to scan yet');
  return last;
}

/** Starts the panel and returns when it listens. */
export async function startPanel(options: PanelOptions): Promise<Panel> {
  const { reader, receiptPrinter, documentPrinter, scanner, network, people } = options;
  const page = await readFile(new URL('panel.html', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'panel-'));
  let laid = '';

  const actions = new Map<string, Action>([
    ...actionsOf(options),
    ...people.map((person): [string, Action] => [
      `lay-${person.id}`,
      async () => {
        await reader.layCard(person.card);
        laid = person.id;
      },
    ]),
  ]);

  async function state(): Promise<Answer> {
    const { condition, plugged } = receiptPrinter;
    const documents = await documentPrinter.papers();
    return json({
      people: people.map(({ id, zh, en }) => ({ id, zh, en })),
      lies: reader.cardLies ? laid || 'another' : '',
      reader: { plugged: reader.plugged },
      receiptPrinter: { ...condition, plugged, waiting: receiptPrinter.papersWaiting },
      documentPrinter: documentPrinter.condition,
      scanner: { plugged: scanner.plugged },
      receipts: receiptPrinter.papers.length,
      documents: documents.map((file) => basename(file)),
      network: network.up,
    });
  }

  async function receipt(number: number): Promise<Answer> {
    if (!receiptPrinter.papers[number - 1]) return text(404, 'no such receipt');
    const file = join(folder, `${number}.png`);
    await receiptPrinter.drawPaper(number - 1, file);
    return { status: 200, type: 'image/png', body: await readFile(file) };
  }

  async function printed(name: string): Promise<Answer> {
    const file = (await documentPrinter.papers()).find((each) => basename(each) === name);
    return file ? { status: 200, type: 'application/pdf', body: await readFile(file) } : text(404, 'no such document');
  }

  async function act(name: string, written: string | null): Promise<Answer> {
    const action = actions.get(name);
    if (!action) return text(404, 'no such action');
    if (written === null) return text(413, `文字太长 at most ${SCAN_MAX} bytes`);
    await action(written);
    return state();
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { method = '', url: path = '/' } = request;
    const [, room = '', name = ''] = path.split('/');
    if (method === 'POST') return room === 'do' ? act(name, await bodyOf(request)) : text(404, 'no such page');
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
    const given = isOwn(request) ? await answer(request) : text(403, 'only this page may ask');
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

/** The text of a request; `null` when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return body.length > SCAN_MAX ? null : body.toString();
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

function json(value: unknown): Answer {
  return { status: 200, type: 'application/json', body: JSON.stringify(value) };
}
