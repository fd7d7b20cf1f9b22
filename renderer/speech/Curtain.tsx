import { createPortal } from 'react-dom';
import { useWords } from '../i18n/words.ts';
import styles from './SpeechBar.module.css';

/** Nothing is to be seen of the page, which is heard and ruled by keys as before; a touch meets the curtain alone. */
export function Curtain({ onTouch }: { readonly onTouch: () => void }) {
  const { t } = useWords();
  return createPortal(
    // The mark keeps a sheet from shutting the curtain out with the rest of the page.
    <div className={styles['curtain']} data-react-aria-top-layer="true">
      <button type="button" tabIndex={-1} onClick={onTouch}>
        {t('speech.show')}
      </button>
    </div>,
    document.body,
  );
}
