import { useWords } from '../../i18n/words.ts';
import styles from './ReceiptNumber.module.css';

/** The receipt number, large, in its groups, so that it can be read out and written down. */
export function ReceiptNumber({ number }: { readonly number: string }) {
  const { t } = useWords();
  const groups = number.split('-');
  return (
    <div className={styles['receipt']}>
      <p>{t('done.number')}</p>
      <p className={styles['number']}>
        {groups.map((group, index) => (
          <span key={`${group} ${index === 0}`}>
            {group}
            {index < groups.length - 1 && '-'}
          </span>
        ))}
      </p>
    </div>
  );
}
