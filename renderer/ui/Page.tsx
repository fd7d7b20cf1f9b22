import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type ActionNote, Actions } from './Actions.tsx';
import { Town } from './drawings/Town.tsx';
import styles from './Page.module.css';
import { useLowReach } from './reach.ts';
import { Scroll } from './Scroll.tsx';

interface PageProps {
  /** A short line over the title: what is being done, and how far. */
  readonly over?: ReactNode;
  readonly title: string;
  readonly lead?: ReactNode;
  /** A drawing that fills the room which the words leave; it goes where they leave none. */
  readonly picture?: ReactNode;
  /** Stands under the title, and in the left column of a wide screen. */
  readonly aside?: ReactNode;
  /** Is only read, before the content; for a low reach it stands in the upper half. */
  readonly shown?: ReactNode;
  /** Stays between content and actions, for instance the number pad. */
  readonly dock?: ReactNode;
  /** The left column's share of a wide screen. */
  readonly split?: 'narrow' | 'even';
  readonly actions?: ReactNode;
  readonly note?: ActionNote;
  readonly children?: ReactNode;
}

/**
 * One screen: a title that is read out first, the content that scrolls by large buttons where it must, and the actions that
 * never scroll away. On a wide screen title and drawing stand at the left; for a low reach they fill the upper half, where nothing is to be touched.
 */
export function Page({
  over,
  title,
  lead,
  picture,
  aside,
  shown,
  dock,
  split = 'narrow',
  actions,
  note,
  children,
}: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const low = useLowReach();
  /** Where what is shown above is turned from. */
  const [turns, setTurns] = useState<HTMLElement | null>(null);
  const scrolled = low ? aside : shown;
  const drawing = picture ?? (low ? <Town /> : undefined);
  return (
    <main className={styles['page']} data-picture={drawing !== undefined} data-split={split} data-low={low}>
      <div className={styles['side']}>
        <div className={styles['head']}>
          {over !== undefined && <div className={styles['over']}>{over}</div>}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p className={styles['lead']}>{lead}</p>}
        </div>
        {low && shown && <Scroll turnsAt={turns}>{shown}</Scroll>}
        {drawing !== undefined && (
          <div className={styles['picture']} aria-hidden="true">
            {drawing}
          </div>
        )}
        {!low && aside !== undefined && aside !== null && <Scroll>{aside}</Scroll>}
      </div>
      <div className={styles['body']}>
        {low && shown && <div ref={setTurns} className={styles['turns']} />}
        {(scrolled || children !== undefined) && (
          <Scroll>
            {scrolled}
            {children}
          </Scroll>
        )}
        {dock !== undefined && <div className={styles['dock']}>{dock}</div>}
        {actions !== undefined && <Actions note={note}>{actions}</Actions>}
      </div>
    </main>
  );
}
