import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';

const ENCODINGS = ['utf8', 'utf16-le', 'utf16-be', 'gb18030'] as const;

export interface Trace {
  readonly file: string;
  readonly secret: string;
  readonly encoding: (typeof ENCODINGS)[number];
}

function* filesBelow(path: string): Generator<string> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) yield path;
  if (!stat?.isDirectory()) return;
  for (const name of readdirSync(path)) yield* filesBelow(join(path, name));
}

/** Every place where one of the secrets stands in a file below the folders, in any of the four encodings. */
export function findTraces(secrets: readonly string[], folders: readonly string[]): Trace[] {
  const wanted = secrets.flatMap((secret) =>
    ENCODINGS.map((encoding) => ({ secret, encoding, bytes: iconv.encode(secret, encoding) })),
  );
  const found: Trace[] = [];
  for (const folder of folders) {
    for (const file of filesBelow(folder)) {
      const content = readFileSync(file);
      for (const { secret, encoding, bytes } of wanted) {
        if (content.includes(bytes)) found.push({ file, secret, encoding });
      }
    }
  }
  return found;
}
