import { useWords } from '../i18n/words.ts';
import styles from './Progress.module.css';

const stages = ['consent', 'identity', 'form', 'check', 'done'] as const;

interface ProgressProps {
  readonly item: string;
  readonly at: (typeof stages)[number];
  /** Pages of the form, where it has several. */
  readonly page?: { readonly step: number; readonly steps: number };
}

/** What is being done and how far it is, in words and as five bars. */
export function Progress({ item, at, page }: ProgressProps) {
  const { t } = useWords();
  const index = stages.indexOf(at);
  return (
    <div className={styles['progress']}>
      <p>
        <b>{item}</b>{' '}
        <span className={styles['step']}>
          {t('progress.step', { step: index + 1, steps: stages.length, name: t(`progress.${at}`) })}
        </span>{' '}
        {page !== undefined && page.steps > 1 && <span>{t('progress.page', page)}</span>}
      </p>
      <div className={styles['bars']} aria-hidden="true">
        {stages.map((stage, place) => (
          <i key={stage} data-past={place <= index} />
        ))}
      </div>
    </div>
  );
}
