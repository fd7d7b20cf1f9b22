import { useEffect, useRef } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { TextField } from 'react-aria-components/TextField';
import { classes } from './classes.ts';
import styles from './Field.module.css';
import { FieldHead, Problem } from './Field.tsx';

interface DigitsProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
  readonly placeholder: string;
  readonly suffix?: string | undefined;
  readonly value: string;
  readonly max: number;
  /** The number pad writes here now. */
  readonly active: boolean;
  readonly onActivate: () => void;
  readonly onChange: (value: string) => void;
}

/** A number; the pad or an external keyboard writes it, and nothing but digits is taken. */
export function Digits(props: DigitsProps) {
  const { label, hint, problem, placeholder, suffix, value, max, active, onActivate, onChange } = props;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) box.current?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <TextField
      className={styles['field'] ?? ''}
      value={value}
      isInvalid={problem !== undefined}
      onFocus={onActivate}
      onChange={(typed) => onChange(typed.replaceAll(/\D/g, '').slice(0, max))}
    >
      <Label>
        <FieldHead label={label} hint={hint} />
      </Label>
      <div ref={box} className={classes(styles['box'])} data-active={active} data-invalid={problem !== undefined}>
        <Input className={styles['input'] ?? ''} inputMode="none" autoComplete="off" placeholder={placeholder} />
        {suffix !== undefined && <span>{suffix}</span>}
      </div>
      <FieldError>
        <Problem words={problem} />
      </FieldError>
    </TextField>
  );
}
