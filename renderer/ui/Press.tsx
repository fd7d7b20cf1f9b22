import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Icon, type IconName } from './Icon.tsx';
import styles from './Press.module.css';

interface PressProps {
  /** `main` once on a screen; `other` beside it; `quiet` in rows; `danger` only where something is lost. */
  readonly kind?: 'main' | 'other' | 'quiet' | 'danger';
  readonly icon?: IconName;
  readonly onPress: () => void;
  readonly disabled?: boolean;
  readonly describedBy?: string;
  /** The control that a dialogue's reader and keyboard meet first. */
  readonly first?: boolean;
  readonly children: ReactNode;
}

/** A button with words. */
export function Press({ kind = 'other', icon, onPress, disabled, describedBy, first, children }: PressProps) {
  return (
    <Button
      className={styles['press'] ?? ''}
      data-kind={kind}
      onPress={onPress}
      isDisabled={disabled ?? false}
      autoFocus={first ?? false}
      {...(describedBy === undefined ? {} : { 'aria-describedby': describedBy })}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </Button>
  );
}

interface RowPressProps {
  readonly icon: IconName;
  readonly title: string;
  readonly note?: string | undefined;
  readonly onPress: () => void;
}

/** A whole row to touch: an icon, a title, a line of explanation and an arrow. */
export function RowPress({ icon, title, note, onPress }: RowPressProps) {
  return (
    <Button className={styles['row'] ?? ''} onPress={onPress}>
      <span className={styles['badge']}>
        <Icon name={icon} size="big" />
      </span>
      <span className={styles['words']}>
        <strong>{title}</strong>
        {note !== undefined && <small>{note}</small>}
      </span>
      <Icon name="go" />
    </Button>
  );
}
