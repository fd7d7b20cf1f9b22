import { useWords } from '../i18n/words.ts';
import styles from './Frame.module.css';

/** Says that this runtime is for development and not for terminals. */
export function Ribbon() {
  const { t } = useWords();
  return (
    <aside className={styles['ribbon']} aria-label={t('ribbon')}>
      {t('ribbon')}
    </aside>
  );
}
