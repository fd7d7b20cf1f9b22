import { useEffect, useRef, useState } from 'react';
import { Input } from 'react-aria-components/Input';
import { TextField } from 'react-aria-components/TextField';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import type { Display } from '#contract/visit.ts';
import { useWords } from '../../i18n/words.ts';
import { Keyboard } from '../../input/Keyboard.tsx';
import { pinyin } from '../../input/pinyin/client.ts';
import { useWriting } from '../../input/use-writing.ts';
import { Town } from '../../ui/drawings/Town.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Press } from '../../ui/Press.tsx';
import { useLowReach } from '../../ui/reach.ts';
import { Scroll } from '../../ui/Scroll.tsx';
import { State } from '../../ui/State.tsx';
import { type Item, itemsFor } from './found.ts';
import { Items } from './Items.tsx';
import { People } from './People.tsx';
import styles from './Search.module.css';

interface SearchProps {
  readonly items: readonly Item[];
  readonly terminal: TerminalSnapshot;
  readonly size: Display['mode'];
  readonly onClose: () => void;
}

/** What is looked for, what there is of it, and the keyboard under both, which goes when the results are to be seen. */
export function Search({ items, terminal, size, onClose }: SearchProps) {
  const { t, language } = useWords();
  const field = useWriting('search', language === 'en' ? 'latin' : 'pinyin');
  const [keys, setKeys] = useState(true);
  const read = useReadings(items);
  const input = useRef<HTMLInputElement>(null);
  const focus = () => input.current?.focus({ preventScroll: true });
  useEffect(focus, []);

  const low = useLowReach();
  const { writing, composing } = field;
  const found = itemsFor(items, writing, read);
  const empty = writing.text === '' && writing.typed === '';
  return (
    <main className={styles['search']} data-keys={keys} data-low={low}>
      <h1>{t('home.title')}</h1>
      {low && (
        <div className={styles['picture']} aria-hidden="true">
          <Town />
        </div>
      )}
      <div className={styles['head']}>
        <TextField
          className={styles['field'] ?? ''}
          aria-label={t('search.name')}
          value={writing.text}
          onFocus={() => setKeys(true)}
          onChange={(text) => field.act({ do: 'text', text })}
        >
          <div className={styles['box']} data-active={keys}>
            <Icon name="find" />
            <Input
              ref={input}
              className={styles['input'] ?? ''}
              inputMode="none"
              autoComplete="off"
              spellCheck={false}
              placeholder={writing.typed === '' ? t('search.hint') : ''}
              onClick={() => setKeys(true)}
              onKeyDown={field.keyDown}
            />
            <span className={styles['composing']} aria-live="polite">
              <span>{composing}</span>
            </span>
          </div>
        </TextField>
        <Press onPress={onClose}>{t('search.close')}</Press>
      </div>
      <div className={styles['found']}>
        <Scroll>
          {found.length > 0 ? (
            <>
              {!empty && <p role="status">{t('search.found', { number: found.length })}</p>}
              <Items items={found} />
              {!keys && <People terminal={terminal} />}
            </>
          ) : (
            <>
              <State icon="question" title={t('search.nothing')}>
                {t('search.instead')}
              </State>
              <People terminal={terminal} />
            </>
          )}
        </Scroll>
      </div>
      {keys && (
        <Keyboard
          field={field}
          size={size}
          done={t('search.show', { number: found.length })}
          onDone={() => setKeys(false)}
          onTaken={focus}
        />
      )}
    </main>
  );
}

/** How each item's title is read aloud, by the title, once the engine has said it. */
function useReadings(items: readonly Item[]): ReadonlyMap<string, readonly string[]> {
  const [read, setRead] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  // Items come anew with every snapshot; their titles are the same.
  const titles = items.map(({ title }) => title.zh).join('\n');
  useEffect(() => {
    let current = true;
    const learn = async () => {
      const each = titles.split('\n');
      const readings = await pinyin().ask({ ask: 'learn', titles: each });
      if (current) setRead(new Map(each.map((title, at) => [title, readings[at] ?? []])));
    };
    void learn();
    return () => {
      current = false;
    };
  }, [titles]);
  return read;
}
