import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { useWords } from '../i18n/words.ts';
import { Press } from './Press.tsx';
import styles from './Scroll.module.css';

type Reach = { readonly more: false } | { readonly more: true; readonly up: boolean; readonly down: boolean };

interface ScrollProps {
  readonly children: ReactNode;
  /** Where the buttons stand instead of beside the content: within reach, where the content is not. */
  readonly turnsAt?: HTMLElement | null;
}

/** Content that may be longer than its place. Then two large buttons turn it, so that nobody needs to know how to swipe. */
export function Scroll({ children, turnsAt = null }: ScrollProps) {
  const { t } = useWords();
  const outer = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const [reach, setReach] = useState<Reach>({ more: false });

  const measure = useCallback(() => {
    const place = outer.current;
    const view = inner.current;
    if (place === null || view === null) return;
    // The place keeps its height whether the buttons stand in it or not, so that they do not come and go.
    if ((view.firstElementChild?.clientHeight ?? 0) <= place.clientHeight + 1) return setReach({ more: false });
    const end = view.scrollTop + view.clientHeight;
    setReach({ more: true, up: view.scrollTop > 1, down: end < view.scrollHeight - 1 });
  }, []);

  useEffect(() => {
    measure();
    const watch = new ResizeObserver(measure);
    if (outer.current) watch.observe(outer.current);
    for (const child of inner.current?.children ?? []) watch.observe(child);
    return () => watch.disconnect();
  }, [measure]);

  const turn = (direction: 1 | -1) => {
    const view = inner.current;
    view?.scrollBy({ top: direction * view.clientHeight * 0.8, behavior: 'smooth' });
  };

  const turns = reach.more && (
    <div className={styles['turns']}>
      <Press kind="quiet" icon="up" disabled={!reach.up} onPress={() => turn(-1)}>
        {t('scroll.up')}
      </Press>
      <Press kind="quiet" icon="down" disabled={!reach.down} onPress={() => turn(1)}>
        {t('scroll.down')}
      </Press>
    </div>
  );
  return (
    <div ref={outer} className={styles['outer']} data-more={reach.more}>
      <div
        ref={inner}
        className={styles['inner']}
        data-more={reach.more}
        onScroll={measure}
        {...(reach.more && { role: 'group', 'aria-label': t('scroll.name'), tabIndex: 0 })}
      >
        <div className={styles['content']}>{children}</div>
      </div>
      {turnsAt === null ? turns : createPortal(turns, turnsAt)}
    </div>
  );
}
