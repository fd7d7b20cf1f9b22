/** The worker thread of {@link ./typst.ts}: one Typst compiler over the catalogue's templates. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { encode } from 'uqr';
import type { TypstAnswer, TypstRequest } from './typst.ts';

const port = parentPort;
if (!port || typeof workerData !== 'string') throw new Error('this file runs as a worker thread');
const templates = workerData;
const compiler = NodeCompiler.create({ workspace: templates });

// The first page of a process costs a quarter of a second, nearly all of it for the fonts.
compiler.compile({ mainFileContent: '#set text(font: ("Noto Serif CJK SC", "Noto Sans CJK SC"))\n一 *窗*' });

port.on('message', ({ id, template, data }: TypstRequest) => {
  let answer: TypstAnswer;
  try {
    answer = { id, pdf: page(template, data) };
  } catch (error) {
    answer = { id, failure: error instanceof Error ? error.message : 'unknown' };
  }
  // Typst remembers what it has set; nothing of a person stays in it.
  compiler.evictCache(0);
  port.postMessage(answer, 'pdf' in answer ? [answer.pdf.buffer as ArrayBuffer] : []);
});

function page(template: string, data: string): Uint8Array {
  const { code, ...sheet } = JSON.parse(data) as { code: string };
  const qr = encode(code, { ecc: 'M', border: 0 }).data.map((row) => row.map((dark) => (dark ? '1' : '0')).join(''));
  const compiled = compiler.compile({
    mainFilePath: join(templates, template),
    inputs: { data: JSON.stringify({ ...sheet, qr }) },
  });
  const document = compiled.result;
  if (!document) {
    // Typst's words may quote the text they stumble over: only the template's name is told.
    throw new Error(`the template ${template} does not fit its data`);
  }
  const pdf = compiler.pdf(document, { pdfStandard: 'a-2u' });
  // A copy in memory of its own can be handed over and zeroed.
  const own = new Uint8Array(pdf);
  pdf.fill(0);
  return own;
}
