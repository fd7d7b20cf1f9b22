import { useEffect, useState } from 'react';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import { useWords } from '../i18n/words.ts';
import { WindowSign } from '../ui/drawings/Window.tsx';
import { Icon } from '../ui/Icon.tsx';
import { nowWords } from '../ui/months.ts';
import { useSurroundings } from './context.tsx';
import styles from './Frame.module.css';

/** Where and when one is, and whether the network is there. */
export function TopBar({ terminal }: { readonly terminal: TerminalSnapshot | null }) {
  const { t, language, of } = useWords();
  const now = useMinute();
  const { day, time } = nowWords(now, language);
  return (
    <header className={styles['top']}>
      <WindowSign />
      <p className={styles['place']}>
        {terminal?.community ? (
          <>
            <span>{of(terminal.community.street)}</span> <b>{of(terminal.community.name)}</b>
          </>
        ) : (
          <b>{t('top.terminal')}</b>
        )}
      </p>
      <p className={styles['time']}>
        <span>{day}</span> <b>{time}</b>
      </p>
      {terminal && (
        <p className={styles['network']} role="status">
          <Icon name={terminal.network === 'online' ? 'network' : 'tick'} size="small" />
          {t(`top.${terminal.network}`)}
        </p>
      )}
    </header>
  );
}

/** The time, renewed at each full minute. */
function useMinute(): Date {
  const { clock } = useSurroundings();
  const [now, setNow] = useState(clock);
  useEffect(() => {
    const timer = setTimeout(() => setNow(clock()), 60_000 - (now.getTime() % 60_000));
    return () => clearTimeout(timer);
  }, [clock, now]);
  return now;
}
