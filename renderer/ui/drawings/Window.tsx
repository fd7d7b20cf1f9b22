import styles from './drawings.module.css';

/** The house's sign: a window with its light on. */
export function WindowSign() {
  return (
    <svg className={styles['sign']} viewBox="0 0 64 64" aria-hidden="true">
      <rect className={styles['signPane']} x="8" y="8" width="48" height="42" rx="7" />
      <path className={styles['signFrame']} d="M32 8v42M8 29h48" />
      <path className={styles['signFrame']} d="M4 57h56" />
    </svg>
  );
}
