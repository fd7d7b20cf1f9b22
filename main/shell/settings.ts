import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { Configuration } from '#contract/configuration.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { TerminalSnapshot } from '#contract/terminal.ts';

/** What the shell needs of `terminal.yaml`. */
export interface Settings {
  readonly screen: Configuration['screen'];
  /** Absolute; `null` when the file does not say. */
  readonly folders: Configuration['folders'] | null;
  readonly community: TerminalSnapshot['community'];
  /** Where and how the file is wrong, in words for staff; `null` when it is right. */
  readonly problem: string | null;
}

/** A 27-inch portrait screen, for a terminal that does not know its own. */
const DEFAULT_SCREEN: Settings['screen'] = { widthMm: 337, heightMm: 600, widthPx: 1080, heightPx: 1920, kiosk: true };

function parse(text: string): Result<{ value: unknown; lineOf(path: readonly PropertyKey[]): number | null }, string> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken) return err(`line ${lines.linePos(broken.pos[0]).line}: ${broken.code}`);
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // An alias without its anchor.
    if (!(error instanceof ReferenceError)) throw error;
    return err(error.message);
  }
  return ok({
    value,
    lineOf(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const node = document.getIn(path.slice(0, length), true);
        const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
        if (Array.isArray(range)) return lines.linePos(Number(range[0])).line;
      }
      return null;
    },
  });
}

function usableParts(value: unknown, file: string): Omit<Settings, 'problem'> {
  const sections = typeof value === 'object' && value !== null ? value : {};
  const section = (name: string): unknown => Object.getOwnPropertyDescriptor(sections, name)?.value;
  const { screen, folders, community } = Configuration.shape;
  const from = (path: string): string => resolve(dirname(file), path);
  const kept = folders.safeParse(section('folders')).data;
  return {
    screen: screen.safeParse(section('screen')).data ?? DEFAULT_SCREEN,
    folders: kept ? { etc: from(kept.etc), data: from(kept.data), run: from(kept.run), log: from(kept.log) } : null,
    community: community.omit({ estates: true }).strip().safeParse(section('community')).data ?? null,
  };
}

/**
 * Reads the file for the window. A wrong file still gives a screen, from those of its sections that are right, because the
 * window has to open and say what is wrong.
 * @param read gives the file's text and throws when it can't be read.
 */
export function readSettings(file: string | null, read: (file: string) => string): Settings {
  const nothing = { screen: DEFAULT_SCREEN, folders: null, community: null };
  if (file === null) return { ...nothing, problem: 'no configuration file; start with --config FILE' };
  let text: string;
  try {
    text = read(file);
  } catch {
    return { ...nothing, problem: `${file} cannot be read` };
  }
  const parsed = parse(text);
  if (!parsed.ok) return { ...nothing, problem: `${file}, ${parsed.error}` };
  const issue = Configuration.safeParse(parsed.value.value).error?.issues[0];
  const line = issue ? parsed.value.lineOf(issue.path) : null;
  const place = issue ? [line === null ? '' : `line ${line}`, issue.path.join('.')].filter(Boolean).join(', ') : '';
  return {
    ...usableParts(parsed.value.value, file),
    problem: issue ? `${file}, ${place}: ${issue.message}` : null,
  };
}
