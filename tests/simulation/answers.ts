import { zstdDecompressSync } from 'node:zlib';
import { TERMINAL_HEADER } from '#contract/signatures.ts';
import { BatchAnswer, type EntryAnswer } from '#contract/wire.ts';
import { placeOf } from './checks.ts';
import type { Letter, Reply } from './network.ts';

const ENTRY_LINE = /^\{"v":1,.*?"incarnation":(\d+),"seq":(\d+),.*?"hash":"([0-9a-f]{64})"/;

/** What the gateway answered for each entry of a batch, with the place and the hash under which it came. */
export function answersOf(letter: Letter, reply: Reply): (EntryAnswer & { readonly place: string })[] {
  const lines = zstdDecompressSync(letter.body ?? new Uint8Array()).toString('utf8');
  const terminal = letter.headers[TERMINAL_HEADER] ?? '';
  const hashes = new Map(
    lines.split('\n').flatMap((line) => {
      const found = ENTRY_LINE.exec(line);
      return found ? [[`${found[1]}/${found[2]}`, found[3] ?? ''] as const] : [];
    }),
  );
  return BatchAnswer.parse(JSON.parse(reply.body.toString('utf8'))).entries.map((answer) => {
    const { incarnation, seq } = answer;
    return { ...answer, place: placeOf(terminal, incarnation, seq, hashes.get(`${incarnation}/${seq}`) ?? '') };
  });
}
