import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import { Icon, type IconName } from './Icon.tsx';
import styles from './Rows.module.css';

/** A card of named values, as a description list. */
export function Values({ rows }: { readonly rows: readonly { readonly label: string; readonly value: ReactNode }[] }) {
  return (
    <dl className={classes(styles['card'], styles['values'])}>
      {rows.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export interface Fact {
  readonly key: string;
  readonly icon: IconName;
  readonly title: string;
  readonly note?: ReactNode;
  /** What stands at the right: a state in words or a button. */
  readonly end?: ReactNode;
}

interface FactsProps {
  readonly facts: readonly Fact[];
  readonly live?: boolean;
  /** What is meant to be read: the title (a name for the list) or the note (the title only names it). */
  readonly read?: 'title' | 'note';
}

/** A card of facts, each with its icon. */
export function Facts({ facts, live, read = 'title' }: FactsProps) {
  return (
    <ul className={styles['card']} data-read={read} aria-live={live === true ? 'polite' : 'off'}>
      {facts.map(({ key, icon, title, note, end }) => (
        <li key={key} className={styles['fact']}>
          <Icon name={icon} />
          <div className={styles['words']}>
            <strong>{title}</strong>
            {note !== undefined && <small>{note}</small>}
          </div>
          {end}
        </li>
      ))}
    </ul>
  );
}

interface SectionProps {
  readonly title: string;
  readonly note?: string;
  /** A control at the right of the title. */
  readonly end?: ReactNode;
  readonly children: ReactNode;
}

/** A titled part of a page. */
export function Section({ title, note, end, children }: SectionProps) {
  return (
    <section className={styles['section']}>
      <div className={styles['heading']}>
        <h2>
          {title}
          {note !== undefined && <small>{note}</small>}
        </h2>
        {end}
      </div>
      {children}
    </section>
  );
}
