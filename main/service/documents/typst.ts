import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SignedSheet } from './paper.ts';

/** Turns a signed sheet into a PDF/A-2u in memory. The caller zeroes the bytes when they are printed. */
export interface SheetPrinter {
  pdf(sheet: SignedSheet): Promise<Uint8Array>;
}

/** What goes to the worker thread and what comes back. */
export type TypstRequest = { readonly id: number; readonly template: string; readonly data: string };
export type TypstAnswer =
  | { readonly id: number; readonly pdf: Uint8Array }
  | { readonly id: number; readonly failure: string };

/** It costs a quarter of a second of a processor to get warm: the first screen goes before, and nobody's first page comes this soon. */
const WARM_UP_MS = 2_000;
/** It lies beside this file, in the sources and in the build. */
const THREAD = new URL(`./typst-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Typst in a thread of its own, so that no page holds up the screen. It is warm soon after the start; a thread that dies fails the page
 * under way and is made anew for the next one.
 */
export class Typst implements SheetPrinter {
  readonly #templates: string;
  readonly #waiting = new Map<number, (answer: TypstAnswer) => void>();
  readonly #warmUp: NodeJS.Timeout;
  #worker: Worker | null = null;
  #last = 0;
  #closed = false;

  /** @param templates absolute folder of the catalogue's templates. */
  constructor(templates: string) {
    this.#templates = templates;
    this.#warmUp = setTimeout(() => this.#thread(), WARM_UP_MS).unref();
  }

  /** @throws Error when Typst refuses the page; the message holds no personal data. */
  async pdf(sheet: SignedSheet): Promise<Uint8Array> {
    this.#last += 1;
    const id = this.#last;
    const answer = await new Promise<TypstAnswer>((resolve) => {
      this.#waiting.set(id, resolve);
      const request: TypstRequest = { id, template: sheet.template, data: JSON.stringify(sheet) };
      this.#thread().postMessage(request, []);
    });
    if ('failure' in answer) throw new Error(`the document was not set: ${answer.failure}`);
    return answer.pdf;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#warmUp);
    await this.#worker?.terminate();
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    if (this.#closed) throw new Error('the typesetter is closed');
    const worker = new Worker(THREAD, { workerData: this.#templates });
    worker.unref();
    worker.on('message', (answer: TypstAnswer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.#worker = null;
      for (const [id, give] of this.#waiting) give({ id, failure: 'the typesetter stopped' });
      this.#waiting.clear();
    });
    this.#worker = worker;
    return worker;
  }
}
