import { useEffect, useState } from 'react';
import { useWords } from '../i18n/words.ts';
import { Icon } from '../ui/Icon.tsx';
import { useSurroundings } from './context.tsx';
import styles from './Frame.module.css';
import { playSound } from './sounds.ts';
import type { Picture } from './store.ts';

const SHOWN_MS = 6000;

/** Plays each sound once and shows its words as long; says when a call was not taken. */
export function Notes({ sound }: { readonly sound: Picture['sound'] }) {
  const { t } = useWords();
  const { failed } = useSurroundings();
  /** The number of the last sound whose words were taken away again. */
  const [past, setPast] = useState(sound?.count ?? 0);
  const fresh = sound !== null && sound.count > past ? sound : null;
  useEffect(() => {
    if (fresh === null) return undefined;
    playSound(fresh.sound);
    const timer = setTimeout(() => setPast(fresh.count), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [fresh]);
  return (
    <div className={styles['notes']} role="status" aria-live="assertive">
      {fresh !== null && (
        <p>
          <Icon name="bell" />
          {t(`sound.${fresh.sound}`)}
        </p>
      )}
      {failed && (
        <p>
          <Icon name="warning" />
          {t('failed')}
        </p>
      )}
    </div>
  );
}
