import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { CataloguePackage, type FormField, type Item } from '#contract/catalogue.ts';
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
    text = readFileSync(join(folder, 'catalogue.json'), 'utf8');
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
  const problem = inconsistency(parsed.data, new Set(files));
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

/** Each file counts with its path, its length and its bytes, so that no two packages share a version. */
function packageVersion(folder: string, files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = readFileSync(join(folder, file));
    hash.update(`${file}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/** What the schema alone can't see. @returns the first fault in words, or null. */
function inconsistency(content: CataloguePackage, files: ReadonlySet<string>): string | null {
  const groups = new Set(content.groups.map((group) => group.id));
  if (groups.size < content.groups.length) return 'two groups share an id';
  if (new Set(content.items.map((item) => item.id)).size < content.items.length) return 'two items share an id';
  const empty = content.groups.find((group) => !content.items.some((item) => item.group === group.id));
  if (empty) return `the group ${empty.id} has no item`;
  for (const item of content.items) {
    if (!groups.has(item.group)) return `item ${item.id}: the group ${item.group} does not exist`;
    const problem = faultOfForm(item) ?? faultOfDocuments(item, files);
    if (problem !== null) return `item ${item.id}: ${problem}`;
  }
  return null;
}

function faultOfForm(item: Item): string | null {
  const earlier = new Map<string, FormField>();
  for (const field of item.form.steps.flatMap((step) => step.fields)) {
    if (earlier.has(field.id)) return `two questions share the id ${field.id}`;
    const asked = field.when ? earlier.get(field.when.field) : undefined;
    if (field.when && asked?.kind !== 'choice') return `${field.id} hangs on ${field.when.field}, no choice before it`;
    if (asked?.kind === 'choice' && !asked.options.some((option) => option.value === field.when?.is)) {
      return `${field.id} hangs on ${asked.id} being ${field.when?.is ?? ''}, which can't be chosen`;
    }
    earlier.set(field.id, field);
  }
  return null;
}

/** Values that every case has beside the answers to its form; see `intake/values.ts`. */
const COMMON_VALUES = ['name', 'number', 'home', 'community', 'street', 'committee', 'acceptedAt', 'today'] as const;

function faultOfDocuments(item: Item, files: ReadonlySet<string>): string | null {
  const kinds = item.documents.map((document) => document.kind);
  if (item.offline === 'S' && !(kinds.includes('certificate') && kinds.includes('acceptance-notice'))) {
    return 'an item of level S needs a certificate and an acceptance notice';
  }
  if (new Set(kinds).size < kinds.length) return 'two documents of one kind';
  const known = new Set<string>(COMMON_VALUES);
  for (const field of item.form.steps.flatMap((step) => step.fields)) known.add(field.id);
  for (const document of item.documents) {
    if (!files.has(`templates/${document.template}`)) return `the template ${document.template} is missing`;
    const named = document.paragraphs.flatMap((paragraph) =>
      [...paragraph.matchAll(/\{([^}]*)\}/g)].map((m) => m[1] ?? ''),
    );
    const unknown = named.find((name) => !known.has(name));
    if (unknown !== undefined) return `the ${document.kind} names {${unknown}}, which no case has`;
  }
  return null;
}
