import styles from './Field.module.css';
import { Icon } from './Icon.tsx';

/** A question and its explanation. */
export function FieldHead({ label, hint }: { readonly label: string; readonly hint?: string | undefined }) {
  return (
    <span className={styles['head']}>
      <strong>{label}</strong>
      {hint !== undefined && <small>{hint}</small>}
    </span>
  );
}

/** What is wrong with an answer, in words beside it. */
export function Problem({ words }: { readonly words: string | undefined }) {
  if (words === undefined) return null;
  return (
    <span className={styles['problem']}>
      <Icon name="warning" />
      <span>{words}</span>
    </span>
  );
}
