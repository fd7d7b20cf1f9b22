/** A catalogue package as a set of files: how it is one text of bytes, and what must fit between its files. Nothing here computes a hash. */
import type { CataloguePackage, FormField, Item } from './catalogue.ts';

/** The file of a package that everything else hangs on; beside it stand `templates/*.typ`. */
export const CATALOGUE_FILE = 'catalogue.json';

/**
 * What stands before the bytes of each file where a package travels as one. The files follow each other by their paths (relative,
 * with `/`, sorted by code unit); the SHA-256 of it all is the package's version, so that no two packages share one.
 */
export function fileHead(path: string, bytes: number): string {
  return `${path}\n${bytes}\n`;
}

/** What the schema alone can't see. @returns the first fault in words, or null. */
export function faultOfPackage(content: CataloguePackage, files: ReadonlySet<string>): string | null {
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
