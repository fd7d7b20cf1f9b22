import { useEffect, useRef } from 'react';
import { useWords } from '../i18n/words.ts';
import { controlAt, controlWords, dialogAt, stateWords, wordsBelow } from './describe.ts';
import type { Speaker } from './speaker.ts';

const LIVE = '[aria-live="polite"], [aria-live="assertive"], [role="alert"]';

interface Reading {
  readonly speaker: Speaker;
  readonly on: boolean;
  /** Another one is another screen. */
  readonly screen: string;
}

/**
 * Reads what the page itself tells assistive technology: a new screen or sheet from its top, a control when the focus comes to it or
 * its state changes, and whatever is live. No screen knows of it.
 */
export function useReading({ speaker, on, screen }: Reading): void {
  const { t, language } = useWords();
  /** The screen that was read last; null while nobody is read to, and before that a page that was just laid. */
  const read = useRef<string | null | undefined>(undefined);

  useEffect(() => {
    if (!on) {
      read.current = null;
      speaker.quiet();
      return;
    }
    const main = document.querySelector('main');
    const hello = read.current === null ? [t('speech.hello')] : [];
    read.current = screen;
    speaker.say([...hello, ...(main ? wordsBelow(main, t) : [])], language);
  }, [speaker, on, screen, t, language]);

  useEffect(() => {
    if (!on) return undefined;
    let sheet: Element | null = null;
    let soon: ReturnType<typeof setTimeout> | undefined;
    // What a field is described by is only known when all of the page is laid.
    const focused = ({ target }: FocusEvent) => {
      clearTimeout(soon);
      soon = setTimeout(() => tell(target));
    };
    const tell = (target: EventTarget | null) => {
      const before = sheet;
      sheet = dialogAt(target);
      const control = controlAt(target);
      const words = control ? [controlWords(control, t)] : [];
      if (sheet && sheet !== before) speaker.say([...wordsBelow(sheet, t), ...words], language);
      else if (control?.matches(':focus-visible')) speaker.say(words, language);
    };
    // A field that is left tells a change as well, whose every character was said.
    const changed = ({ target }: Event) => {
      if (!(target instanceof HTMLInputElement) || target.type === 'text') return;
      speaker.say([stateWords(target, t)], language);
    };
    const observer = new MutationObserver((changes) => {
      const live = new Set<Element>();
      for (const { type, target } of changes) {
        if (type === 'attributes') {
          if (target instanceof HTMLInputElement) speaker.say([stateWords(target, t)], language);
          continue;
        }
        const region = (target instanceof Element ? target : target.parentElement)?.closest(LIVE);
        if (region?.isConnected) live.add(region);
      }
      for (const region of live) speaker.add(wordsBelow(region, t), language);
    });
    document.addEventListener('focusin', focused);
    document.addEventListener('change', changed);
    observer.observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributeFilter: ['value'],
    });
    return () => {
      clearTimeout(soon);
      document.removeEventListener('focusin', focused);
      document.removeEventListener('change', changed);
      observer.disconnect();
    };
  }, [speaker, on, t, language]);
}
