import type { ReactNode } from 'react';
import { Checkbox } from 'react-aria-components/Checkbox';
import { FieldError } from 'react-aria-components/FieldError';
import { Label } from 'react-aria-components/Label';
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import styles from './Choice.module.css';
import { FieldHead, Problem } from './Field.tsx';
import { Icon } from './Icon.tsx';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  /** Empty while nothing is chosen. */
  readonly value: T | '';
  readonly onChange: (value: T) => void;
}

/** One answer out of a few, as large tiles. */
export function Choice<T extends string>({ label, hint, problem, options, value, onChange }: ChoiceProps<T>) {
  const wide = options.some((option) => option.label.length > 9);
  return (
    <RadioGroup
      className={styles['group'] ?? ''}
      value={value === '' ? null : value}
      isInvalid={problem !== undefined}
      onChange={(chosen) => {
        const option = options.find((one) => one.value === chosen);
        if (option) onChange(option.value);
      }}
    >
      <Label>
        <FieldHead label={label} hint={hint} />
      </Label>
      <div className={styles['tiles']} data-wide={wide}>
        {options.map((option) => (
          <Radio key={option.value} value={option.value} className={styles['tile'] ?? ''}>
            <span className={styles['mark']} data-round="true">
              <Icon name="tick" size="small" />
            </span>
            <span>{option.label}</span>
          </Radio>
        ))}
      </div>
      <FieldError className={styles['error'] ?? ''}>
        <Problem words={problem} />
      </FieldError>
    </RadioGroup>
  );
}

interface TickProps {
  readonly ticked: boolean;
  readonly onChange: (ticked: boolean) => void;
  readonly children: ReactNode;
}

/** Something to agree to or to confirm; never ticked beforehand. */
export function Tick({ ticked, onChange, children }: TickProps) {
  return (
    <Checkbox className={styles['tile'] ?? ''} isSelected={ticked} onChange={onChange}>
      <span className={styles['mark']}>
        <Icon name="tick" size="small" />
      </span>
      <span>{children}</span>
    </Checkbox>
  );
}
