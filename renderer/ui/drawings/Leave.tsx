import styles from './drawings.module.css';

/** Take the card and the papers: both come towards the person. */
export function Leave({ card, papers }: { readonly card: boolean; readonly papers: boolean }) {
  return (
    <svg className={styles['fit']} viewBox="0 0 440 240" aria-hidden="true">
      <path className={styles['floor']} d="M20 224h400" />
      <g className={card ? undefined : styles['gone']}>
        <rect className={styles['device']} x="30" y="150" width="176" height="60" rx="12" />
        <rect className={styles['slot']} x="52" y="162" width="132" height="36" rx="6" />
        <g className={card ? styles['rising'] : undefined}>
          <rect className={styles['paper']} x="58" y="40" width="120" height="76" rx="8" />
          <path className={styles['faint']} d="M70 58h42M70 72h34M70 100h88" />
          <rect className={styles['photo']} x="138" y="52" width="28" height="36" rx="3" />
          <circle className={styles['line']} cx="152" cy="66" r="6" />
          <path className={styles['line']} d="M143 87c1-10 17-10 18 0" />
        </g>
        {card && <path className={styles['arrow']} d="M118 148v-22M108 136l10-10 10 10" />}
      </g>
      <g className={papers ? undefined : styles['gone']}>
        <rect className={styles['device']} x="240" y="60" width="170" height="52" rx="12" />
        <path className={styles['slot']} d="M262 92h126" />
        <g className={papers ? styles['sinking'] : undefined}>
          <path className={styles['paper']} d="M272 92h106v92l-13-8-13 8-14-8-13 8-13-8-14 8-13-8-13 8z" />
          <path className={styles['faint']} d="M288 112h74M288 128h74M288 144h48" />
        </g>
        {papers && <path className={styles['arrow']} d="M396 134v30M386 154l10 10 10-10" />}
      </g>
    </svg>
  );
}
