import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isNode, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { Configuration } from '#contract/configuration.ts';
import { err, ok, type Result } from '#contract/result.ts';

/** One thing that is wrong in `terminal.yaml`, where it stands and what to do. */
export interface ConfigurationProblem {
  /** 1-based; 0 when the file could not be read at all. */
  readonly line: number;
  readonly column: number;
  /** Path of the key with dots, such as `devices.idCard.connection`; empty for the file as a whole. */
  readonly key: string;
  readonly what: string;
  readonly remedy: string;
}

export interface ConfigurationError {
  readonly code: 'configuration';
  readonly file: string;
  readonly problems: readonly ConfigurationProblem[];
  /** All problems in one text, one line each: `FILE:LINE:COLUMN: key: what; remedy`. */
  readonly detail: string;
}

/** Reads and checks `terminal.yaml`; folders and the catalogue come back absolute. */
export function readConfiguration(file: string): Result<Configuration, ConfigurationError> {
  const path = resolve(file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const what = `the file can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
    return refuse(path, [
      { line: 0, column: 0, key: '', what, remedy: 'give the path of terminal.yaml with --config' },
    ]);
  }
  return parseConfiguration(text, path);
}

/** As {@link readConfiguration}, from the file's text. */
export function parseConfiguration(text: string, path: string): Result<Configuration, ConfigurationError> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    return refuse(
      path,
      document.errors.map((error) => ({
        ...place(lines, error.pos[0]),
        key: '',
        what: error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'not YAML',
        remedy: 'mend the YAML at this place; indent with spaces',
      })),
    );
  }
  const values = valuesOf(document, lines);
  if (!values.ok) return refuse(path, [values.error]);
  const parsed = Configuration.safeParse(values.value);
  if (!parsed.success) {
    const found = parsed.error.issues.flatMap((issue) => problems(issue));
    return refuse(
      path,
      found.map(({ path: key, what, remedy }) => {
        const { line, column } = place(lines, offsetOf(document, key));
        return { line, column, key: key.join('.'), what, remedy };
      }),
    );
  }
  return ok(absolute(parsed.data, dirname(path)));
}

interface Found {
  readonly path: readonly PropertyKey[];
  readonly what: string;
  readonly remedy: string;
}

function problems(issue: z.core.$ZodIssue): Found[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        what: 'this key is not known',
        remedy: 'remove it or mend its spelling',
      }));
    case 'invalid_type':
      return [
        issue.input === undefined && issue.message.endsWith('undefined')
          ? { path, what: 'this key is missing', remedy: `add it: a value of type ${issue.expected}` }
          : { path, what: issue.message, remedy: `write a value of type ${issue.expected}` },
      ];
    case 'too_small':
      return [{ path, what: issue.message, remedy: `write at least ${issue.minimum}` }];
    case 'too_big':
      return [{ path, what: issue.message, remedy: `write at most ${issue.maximum}` }];
    case 'invalid_format':
      return [{ path, what: 'the value has not the right form', remedy: issue.message }];
    case 'custom':
      return [{ path, what: 'the value has not the right form', remedy: issue.message }];
    case 'invalid_union':
    case 'invalid_value':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
      return [{ path, what: issue.message, remedy: 'write one of the values that the README names for this key' }];
    default:
      return [{ path, what: 'the value is not right', remedy: 'compare with the example in the README' }];
  }
}

type Document = ReturnType<typeof parseDocument>;

function valuesOf(document: Document, lines: LineCounter): Result<unknown, ConfigurationProblem> {
  try {
    return ok(document.toJS());
  } catch (error) {
    // Only aliases make it throw: one without its anchor, or far too many.
    if (!(error instanceof ReferenceError)) throw error;
    const remedy = "write the value itself, in quotes when it begins with '*'";
    return err({ ...place(lines, brokenAlias(document)), key: '', what: error.message, remedy });
  }
}

/** Where the first alias without an anchor stands. */
function brokenAlias(document: Document): number {
  let offset = 0;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document)) return;
      offset = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

/** Where a key stands; for a missing one, where the nearest key above it stands. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const key = keyNode(parent, last) ?? document.getIn(path.slice(0, length), true);
    if (isNode(key) && key.range) return key.range[0];
  }
  return 0;
}

function keyNode(parent: unknown, name: PropertyKey | undefined): unknown {
  if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items))
    return null;
  const pairs = parent.items as { key?: { value?: unknown } }[];
  return pairs.find((pair) => pair.key?.value === name)?.key ?? null;
}

function place(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function refuse(file: string, found: readonly ConfigurationProblem[]): Result<never, ConfigurationError> {
  const detail = found
    .map((p) => `${file}:${p.line}:${p.column}: ${p.key === '' ? '' : `${p.key}: `}${p.what}; ${p.remedy}`)
    .join('\n');
  return err({ code: 'configuration', file, problems: found, detail });
}

function absolute(configuration: Configuration, base: string): Configuration {
  const { etc, data, run, log } = configuration.folders;
  return {
    ...configuration,
    folders: { etc: resolve(base, etc), data: resolve(base, data), run: resolve(base, run), log: resolve(base, log) },
    catalogue: resolve(base, configuration.catalogue),
  };
}
