import { useWords } from '../i18n/words.ts';
import { Press } from '../ui/Press.tsx';
import { useCall } from './context.tsx';
import styles from './Offer.module.css';

/** Offers larger letters, once, without standing in the way. The words are as large as the letters would be. */
export function Offer() {
  const { t } = useWords();
  const call = useCall();
  return (
    <section className={styles['offer']} aria-labelledby="offer">
      <p id="offer" role="status">
        {t('offer.words')}
      </p>
      <div className={styles['answers']}>
        <Press kind="quiet" onPress={() => call('visit.keepLetters', {})}>
          {t('offer.no')}
        </Press>
        <Press kind="quiet" icon="letters" onPress={() => call('visit.display', { mode: 'elder' })}>
          {t('offer.yes')}
        </Press>
      </div>
    </section>
  );
}
