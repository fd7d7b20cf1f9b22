import { Button } from 'react-aria-components/Button';
import type { CallInput } from '#contract/calls.ts';
import { useWords } from '../i18n/words.ts';
import { Icon } from './Icon.tsx';
import styles from './ZonePad.module.css';

type Key = CallInput<'worker.typeZone'>['key'];

const CHARACTERS = Array.from('1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ<');

interface ZonePadProps {
  readonly label: string;
  /** No character finds room. */
  readonly full: boolean;
  readonly onKey: (key: Key) => void;
}

/** All that a machine-readable zone is made of, in the order of the alphabet, and the keys that move and take back. */
export function ZonePad({ label, full, onKey }: ZonePadProps) {
  const { t } = useWords();
  return (
    <div role="group" aria-label={label} className={styles['pad']} data-full={full}>
      {CHARACTERS.map((key) => (
        <Button
          key={key}
          className={styles[key === '<' ? 'filler' : 'key'] ?? ''}
          preventFocusOnPress
          isDisabled={full}
          onPress={() => onKey(key)}
        >
          {key}
        </Button>
      ))}
      <Button
        className={styles['move'] ?? ''}
        preventFocusOnPress
        aria-label={t('document.key.left')}
        onPress={() => onKey('left')}
      >
        <Icon name="left" />
      </Button>
      <Button
        className={styles['move'] ?? ''}
        preventFocusOnPress
        aria-label={t('document.key.right')}
        onPress={() => onKey('right')}
      >
        <Icon name="right" />
      </Button>
      <Button className={styles['erase'] ?? ''} preventFocusOnPress onPress={() => onKey('erase')}>
        {t('pad.back')}
      </Button>
      <Button className={styles['clear'] ?? ''} preventFocusOnPress onPress={() => onKey('clear')}>
        {t('pad.clear')}
      </Button>
    </div>
  );
}
