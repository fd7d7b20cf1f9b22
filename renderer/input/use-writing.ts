import { type KeyboardEvent, useEffect, useMemo, useReducer, useState } from 'react';
import { pinyin } from './pinyin/client.ts';
import type { FieldKind } from './pinyin/pinyin.ts';
import { type Act, type Choice, characterOf, composes, type Mode, type Writing, write } from './writing.ts';

/** What was typed as it is shown, and what may be chosen for it. */
interface Offer {
  readonly typed: string;
  /** The engine has not answered yet. */
  readonly thinking: boolean;
  readonly composing: string;
  readonly choices: readonly Choice[];
}

const nothing: Offer = { typed: '', thinking: false, composing: '', choices: [] };

/** A field that is being written: what stands in it, the choices on the tray, and what keys do. */
export interface WritingField {
  readonly writing: Writing;
  /** Choices are on their way. */
  readonly thinking: boolean;
  /** What was typed with its syllables apart. */
  readonly composing: string;
  /** The choices that the tray has room for now. */
  readonly shown: readonly Choice[];
  readonly earlier: (() => void) | null;
  readonly later: (() => void) | null;
  /** Takes the tray's place in the picture, which has to be measured. */
  readonly setTray: (tray: HTMLElement | null) => void;
  readonly act: (act: Act) => void;
  readonly space: () => void;
  /** What an external keyboard does in the field. */
  readonly keyDown: (event: KeyboardEvent) => void;
}

export function useWriting(field: FieldKind, first: Mode): WritingField {
  const [writing, act] = useReducer(write, { text: '', typed: '', mode: first, capitals: false });
  const { typed, mode } = writing;
  const { thinking, composing, choices } = useOffer(writing, field);
  const { setTray, pages } = usePages(choices);
  const [turned, setTurned] = useState({ typed: '', page: 0 });
  const page = turned.typed === typed ? Math.min(turned.page, pages.length - 1) : 0;
  const shown = pages[page] ?? [];
  const turn = (to: number) => (to in pages ? () => setTurned({ typed, page: to }) : null);
  const [earlier, later] = [turn(page - 1), turn(page + 1)];

  const space = () => {
    const [choice] = shown;
    if (typed === '') act({ do: 'key', key: ' ' });
    else if (choice) act({ do: 'take', choice });
  };
  const keyDown = (event: KeyboardEvent) => {
    const does = keyOf(event);
    if (does === null) return;
    event.preventDefault();
    does();
  };
  const keyOf = ({ key, ctrlKey, altKey, metaKey, nativeEvent }: KeyboardEvent): (() => void) | null => {
    if (ctrlKey || altKey || metaKey || nativeEvent.isComposing) return null;
    const choice = mode === 'pinyin' && typed !== '' && /^[1-9]$/.test(key) ? shown[Number(key) - 1] : undefined;
    if (choice) return () => act({ do: 'take', choice });
    if (key === ' ') return space;
    if (key === 'Backspace') return () => act({ do: 'erase' });
    if (key === 'Escape') return () => act({ do: 'drop' });
    if (key === 'Enter' && typed !== '') return mode === 'pinyin' ? () => act({ do: 'keep-letters' }) : space;
    if (key === 'PageUp' && earlier) return earlier;
    if (key === 'PageDown' && later) return later;
    if (Array.from(key).length !== 1) return null;
    return () => {
      // A mark ends what is being composed.
      if (typed !== '' && !composes(mode, key, typed)) space();
      act({ do: 'key', key });
    };
  };
  return { writing, thinking, composing, shown, earlier, later, setTray, act, space, keyDown };
}

/** The choices for what is typed now; while the engine thinks there are none, for those of an earlier key would be wrong. */
function useOffer({ typed, mode }: Writing, field: FieldKind): Offer {
  const [thought, setThought] = useState<Offer>(nothing);
  useEffect(() => {
    if (mode !== 'pinyin' || typed === '') return undefined;
    let current = true;
    const think = async () => {
      const choices = await pinyin().ask({ ask: 'candidates', typed, field });
      if (current) setThought({ typed, thinking: false, composing: choices[0]?.pieces.join(' ') ?? typed, choices });
    };
    void think();
    return () => {
      current = false;
    };
  }, [typed, mode, field]);
  return useMemo(() => {
    if (typed === '') return nothing;
    if (mode === 'pinyin')
      return thought.typed === typed ? thought : { typed, thinking: true, composing: typed, choices: [] };
    const text = characterOf(typed);
    const composing = `U+${typed.toUpperCase()}`;
    return { typed, thinking: false, composing, choices: text === null ? [] : [{ text, typed: typed.length }] };
  }, [typed, mode, thought]);
}

/** Choices on one page where no width is known, and at most: an external keyboard has so many digits. */
const MOST = 9;

interface Room {
  readonly width: number;
  /** The height of a key. */
  readonly key: number;
  readonly em: number;
  readonly gap: number;
}

/** Choices by pages as wide as the tray, which is measured where it stands in the picture. */
function usePages(choices: readonly Choice[]) {
  const [tray, setTray] = useState<HTMLElement | null>(null);
  const [room, setRoom] = useState<Room>({ width: 0, key: 0, em: 0, gap: 0 });
  useEffect(() => {
    if (tray === null) return undefined;
    const measure = () => {
      const { fontSize, columnGap } = getComputedStyle(tray);
      const [em, gap] = [Number.parseFloat(fontSize) || 0, Number.parseFloat(columnGap) || 0];
      setRoom({ width: tray.clientWidth, key: tray.clientHeight, em, gap });
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(tray);
    return () => watch.disconnect();
  }, [tray]);
  return { setTray, pages: useMemo(() => pagesOf(choices, room), [choices, room]) };
}

function pagesOf(choices: readonly Choice[], { width, key, em, gap }: Room): readonly (readonly Choice[])[] {
  // Two keys at the end turn the pages.
  const room = width - 2 * (key + gap);
  const pages: Choice[][] = [];
  let left = 0;
  for (const choice of choices) {
    // As wide as its characters with a half more at each side, and never narrower than high.
    const wide = Math.max(key, (Array.from(choice.text).length + 1) * em) + gap;
    const page = pages.at(-1);
    if (page && page.length < MOST && (key === 0 || wide <= left)) page.push(choice);
    else {
      pages.push([choice]);
      left = room + gap;
    }
    left -= wide;
  }
  return pages;
}
