/** Catalogue packages as the district adds them: a folder as it stands on a terminal, or the one file as which it travels. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { CataloguePackage } from '#contract/catalogue.ts';
import { CATALOGUE_FILE, faultOfPackage, fileHead } from '#contract/catalogue-files.ts';
import { err, ok, type Result } from '#contract/result.ts';

export interface OpenedPackage {
  /** SHA-256 of the bytes, as terminals compute it over their folder. */
  readonly version: string;
  readonly bytes: Buffer;
  readonly content: CataloguePackage;
}

/** The longest package that a store takes: texts and templates, a hundred times what the first one has. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Behind it the place of a file can't be told: a path and a length, each with a line feed. */
const HEAD = /^([^\n]{1,500})\n(0|[1-9]\d{0,8})\n/;
const HEAD_BYTES = 2100;

/** Reads and checks what stands at a path; the error says in words why it is refused whole. */
export function readPackage(path: string): Result<OpenedPackage, string> {
  let bytes: Buffer;
  try {
    bytes = statSync(path).isDirectory() ? packed(path) : readFileSync(path);
  } catch (error) {
    return err(`${path} can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  return openPackage(bytes);
}

/** Checks a package as it travels: form, schema, and what must fit between its files. */
export function openPackage(bytes: Buffer): Result<OpenedPackage, string> {
  if (bytes.length > MAX_BYTES) return err(`the package is longer than ${MAX_BYTES} bytes`);
  const files = unpacked(bytes);
  if (!files) return err('this is no catalogue package');
  const content = CataloguePackage.safeParse(parseJson(files.get(CATALOGUE_FILE)));
  if (!content.success) {
    const [first] = content.error.issues;
    return err(`${CATALOGUE_FILE}: ${first?.path.join('.') ?? ''}: ${first?.message ?? 'not a package'}`);
  }
  const fault = faultOfPackage(content.data, new Set(files.keys()));
  if (fault !== null) return err(fault);
  return ok({ version: createHash('sha256').update(bytes).digest('hex'), bytes, content: content.data });
}

function packed(folder: string): Buffer {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  return Buffer.concat(
    paths.flatMap((path) => {
      const bytes = readFileSync(join(folder, path));
      return [Buffer.from(fileHead(path, bytes.length)), bytes];
    }),
  );
}

/** @returns null for what isn't exactly a package: a set of files has one form, and no path leaves the folder. */
function unpacked(bytes: Buffer): Map<string, Buffer> | null {
  const files = new Map<string, Buffer>();
  let before = '';
  for (let at = 0; at < bytes.length; ) {
    const head = HEAD.exec(bytes.toString('utf8', at, at + HEAD_BYTES));
    const [, path = '', length = ''] = head ?? [];
    const start = at + Buffer.byteLength(fileHead(path, Number(length)));
    if (!head || path <= before || !isInside(path) || start + Number(length) > bytes.length) return null;
    files.set(path, bytes.subarray(start, start + Number(length)));
    before = path;
    at = start + Number(length);
  }
  return files;
}

function isInside(path: string): boolean {
  return !/[\\\0]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function parseJson(bytes: Buffer | undefined): unknown {
  try {
    return bytes && JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
