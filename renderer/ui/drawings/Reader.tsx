import styles from './drawings.module.css';

/** What the drawing tells: lay the card down, leave it there, it is read, lift it, the reader does not serve. */
export type ReaderScene = 'lay' | 'hold' | 'read' | 'lift' | 'away';

const cardAt: Record<ReaderScene, string> = {
  lay: 'translate(108 16)',
  hold: 'translate(108 132)',
  read: 'translate(108 132)',
  lift: 'translate(108 16)',
  away: 'translate(108 16)',
};

/** The card and the place where it goes; only the way of the hand moves. */
export function Reader({ scene }: { readonly scene: ReaderScene }) {
  const down = scene === 'hold' || scene === 'read';
  return (
    <svg className={styles['fit']} viewBox="0 0 400 276" aria-hidden="true">
      <path className={styles['floor']} d="M28 258h344" />
      <rect className={styles['device']} x="40" y="150" width="320" height="96" rx="16" />
      <rect className={styles['slot']} x="98" y="168" width="204" height="60" rx="8" />
      <circle className={scene === 'away' ? styles['lampOff'] : styles['lamp']} cx="336" cy="170" r="7" />
      <g transform={cardAt[scene]}>
        <g className={scene === 'lay' ? styles['sinking'] : scene === 'lift' ? styles['rising'] : undefined}>
          <rect className={styles['paper']} width="184" height={down ? 92 : 112} rx="10" />
          <path className={styles['faint']} d="M16 24h70M16 42h54M16 60h84" />
          {!down && <path className={styles['faint']} d="M16 92h132" />}
          <rect className={styles['photo']} x="128" y="18" width="40" height="50" rx="4" />
          <circle className={styles['line']} cx="148" cy="36" r="8" />
          <path className={styles['line']} d="M135 66c1-13 25-13 26 0" />
        </g>
      </g>
      {scene === 'lay' && <path className={styles['arrow']} d="M200 134v30M188 152l12 12 12-12" />}
      {scene === 'lift' && <path className={styles['arrow']} d="M200 166v-30M188 148l12-12 12 12" />}
      {scene === 'read' && (
        <g>
          <circle className={styles['done']} cx="316" cy="120" r="26" />
          <path className={styles['doneTick']} d="M304 121l9 9 16-18" />
        </g>
      )}
      {scene === 'hold' && (
        <path
          className={styles['waves']}
          d="M176 112c12-10 36-10 48 0M164 96c20-16 52-16 72 0M152 80c28-22 68-22 96 0"
        />
      )}
      {scene === 'away' && <path className={styles['arrow']} d="M182 180l36 36M218 180l-36 36" />}
    </svg>
  );
}
