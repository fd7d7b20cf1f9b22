import { Button } from 'react-aria-components/Button';
import { useWords } from '../i18n/words.ts';
import { Icon } from './Icon.tsx';
import styles from './NumberPad.module.css';

interface NumberPadProps {
  readonly label: string;
  readonly value: string;
  readonly max: number;
  /** Which keys are pressed is for nobody's ears. */
  readonly secret?: boolean;
  readonly onChange: (value: string) => void;
}

/** Ten digits, one key to take the last back and one to clear. It takes no focus from the field that it writes into. */
export function NumberPad({ label, value, max, secret = false, onChange }: NumberPadProps) {
  const { t } = useWords();
  const digit = (key: string) => (
    <Button
      key={key}
      className={styles['key'] ?? ''}
      preventFocusOnPress
      isDisabled={value.length >= max}
      onPress={() => onChange(value + key)}
    >
      {key}
    </Button>
  );
  return (
    <div role="group" aria-label={label} className={styles['pad']} data-secret={secret}>
      {['1', '2', '3', '4', '5', '6', '7', '8', '9'].map(digit)}
      <Button
        className={styles['word'] ?? ''}
        preventFocusOnPress
        isDisabled={value === ''}
        onPress={() => onChange('')}
      >
        {t('pad.clear')}
      </Button>
      {digit('0')}
      <Button
        className={styles['word'] ?? ''}
        preventFocusOnPress
        isDisabled={value === ''}
        onPress={() => onChange(value.slice(0, -1))}
      >
        <Icon name="erase" />
        <span>{t('pad.back')}</span>
      </Button>
    </div>
  );
}
