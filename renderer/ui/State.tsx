import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon.tsx';
import styles from './State.module.css';

/** `calm` while all goes its way; `good` when something is finished; `warm` when a hand is needed; `danger` for danger. */
export type Tone = 'calm' | 'good' | 'warm' | 'danger';

interface StateProps {
  readonly tone?: Tone;
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  /** Read out when it changes: `polite` for what goes on, `assertive` for what needs the person now. */
  readonly live?: 'polite' | 'assertive' | 'off';
}

/** A state in words, with colour only as its second sign. */
export function State({ tone = 'calm', icon, title, children, live = 'polite' }: StateProps) {
  return (
    <div className={styles['state']} data-tone={tone} role="status" aria-live={live}>
      <Icon name={icon} size="big" />
      <div>
        <strong>{title}</strong>
        {children !== undefined && <p>{children}</p>}
      </div>
    </div>
  );
}

/** A state in two or three words, at the end of a row. */
export function Chip({ tone = 'calm', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span className={styles['chip']} data-tone={tone}>
      {children}
    </span>
  );
}
