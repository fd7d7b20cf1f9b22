import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { CataloguePackage, type Item } from '#contract/catalogue.ts';
import { CATALOGUE_FILE, faultOfPackage, fileHead } from '#contract/catalogue-files.ts';
import { err, ok, type Result } from '#contract/result.ts';

/** The installed catalogue package: everything about items that is data. */
export interface Catalogue {
  /** SHA-256 over the package's files, in hexadecimal. */
  readonly version: string;
  readonly content: CataloguePackage;
  /** Absolute folder of the Typst templates. */
  readonly templates: string;
  item(id: string): Item | null;
}

/** Why a package was refused; `detail` is for staff. */
export interface CatalogueError {
  readonly code: 'catalogue';
  readonly detail: string;
}

/** Reads and checks the package in `folder`: `catalogue.json` beside `templates/*.typ`. A doubtful package is refused whole. */
export function loadCatalogue(folder: string): Result<Catalogue, CatalogueError> {
  let files: string[];
  let text: string;
  try {
    files = listFiles(folder);
    text = readFileSync(join(folder, CATALOGUE_FILE), 'utf8');
  } catch (error) {
    return refuse(`the package in ${folder} can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return refuse('catalogue.json is no JSON');
  }
  const parsed = CataloguePackage.safeParse(raw);
  if (!parsed.success) {
    const first = parsed.error.issues[0];
    return refuse(`catalogue.json: ${first?.path.join('.') ?? ''}: ${first?.message ?? 'not a package'}`);
  }
  const problem = faultOfPackage(parsed.data, new Set(files));
  if (problem !== null) return refuse(problem);
  const items = new Map(parsed.data.items.map((item) => [item.id, item]));
  return ok({
    version: packageVersion(folder, files),
    content: parsed.data,
    templates: join(folder, 'templates'),
    item: (id) => items.get(id) ?? null,
  });
}

/** The package as residents see it on a day (`YYYY-MM-DD`): items out of their validity are not there, nor groups left empty. */
export function offered(catalogue: Catalogue, today: () => string): Catalogue {
  const isValid = ({ validFrom, validTo }: Item): boolean =>
    validFrom <= today() && (validTo === undefined || today() <= validTo);
  return {
    ...catalogue,
    get content() {
      const items = catalogue.content.items.filter(isValid);
      const groups = catalogue.content.groups.filter(({ id }) => items.some(({ group }) => group === id));
      return { ...catalogue.content, items, groups };
    },
    item(id) {
      const item = catalogue.item(id);
      return item && isValid(item) ? item : null;
    },
  };
}

function refuse(detail: string): Result<never, CatalogueError> {
  return err({ code: 'catalogue', detail });
}

/** @returns paths relative to the package, with `/`, sorted by code unit. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).split(sep).filter(Boolean).join('/'))
    .sort();
}

/** SHA-256 of the package as it travels. */
function packageVersion(folder: string, files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = readFileSync(join(folder, file));
    hash.update(fileHead(file, bytes.length)).update(bytes);
  }
  return hash.digest('hex');
}
