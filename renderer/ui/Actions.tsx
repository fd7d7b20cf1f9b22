import type { ReactNode } from 'react';
import styles from './Actions.module.css';

/** What is still missing before the main action can be taken, in words; `id` is what that action is described by. */
export interface ActionNote {
  readonly id: string;
  readonly words: string;
}

interface ActionsProps {
  readonly note?: ActionNote | undefined;
  readonly children: ReactNode;
}

/** The buttons that end a page or a sheet; the main one stands at the right. */
export function Actions({ note, children }: ActionsProps) {
  return (
    <div className={styles['actions']}>
      {note && (
        <p id={note.id} className={styles['note']} aria-live="polite">
          {note.words}
        </p>
      )}
      <div className={styles['buttons']}>{children}</div>
    </div>
  );
}
