import { useId, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { useWords } from '../i18n/words.ts';
import field from './Field.module.css';
import { FieldHead, Problem } from './Field.tsx';
import { Icon } from './Icon.tsx';
import styles from './MonthField.module.css';
import { monthsOf, monthWords, yearPages } from './months.ts';
import { Press } from './Press.tsx';
import { Sheet } from './Sheet.tsx';

interface MonthFieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
  /** `YYYY-MM`, or empty. */
  readonly value: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly onChange: (value: string) => void;
}

type Picking = { readonly at: 'closed' } | { readonly at: 'year'; readonly page: number } | MonthsOf;
type MonthsOf = { readonly at: 'month'; readonly page: number; readonly year: number };

/** A month, picked by touching the year and then the month. */
export function MonthField({ label, hint, problem, value, notBefore, notAfter, onChange }: MonthFieldProps) {
  const { t, language } = useWords();
  const id = useId();
  const pages = yearPages(notBefore, notAfter);
  const [picking, setPicking] = useState<Picking>({ at: 'closed' });
  const open = () => {
    const page = pages.findIndex((years) => years.includes(Number(value.slice(0, 4))));
    setPicking({ at: 'year', page: Math.max(page, 0) });
  };
  return (
    <div className={field['field']}>
      <span id={`${id}-label`}>
        <FieldHead label={label} hint={hint} />
      </span>
      <Button
        className={field['box'] ?? ''}
        data-invalid={problem !== undefined}
        aria-labelledby={`${id}-label ${id}-value`}
        aria-describedby={`${id}-problem`}
        onPress={open}
      >
        <Icon name="calendar" />
        <span id={`${id}-value`} className={field['value']} data-empty={value === ''}>
          {value === '' ? t('month.choose') : monthWords(value, language)}
        </span>
        <Icon name="go" />
      </Button>
      <span id={`${id}-problem`}>
        <Problem words={problem} />
      </span>
      {picking.at === 'year' && (
        <YearSheet
          label={label}
          years={pages[picking.page] ?? []}
          chosen={Number(value.slice(0, 4))}
          onPick={(year) => setPicking({ at: 'month', page: picking.page, year })}
          onClose={() => setPicking({ at: 'closed' })}
          {...(picking.page + 1 < pages.length && {
            onEarlier: () => setPicking({ at: 'year', page: picking.page + 1 }),
          })}
          {...(picking.page > 0 && { onLater: () => setPicking({ at: 'year', page: picking.page - 1 }) })}
        />
      )}
      {picking.at === 'month' && (
        <Sheet
          title={t('month.which', { year: picking.year })}
          onClose={() => setPicking({ at: 'closed' })}
          actions={
            <Press icon="back" onPress={() => setPicking({ at: 'year', page: picking.page })}>
              {t('month.otherYear')}
            </Press>
          }
        >
          <div className={styles['months']}>
            {monthsOf(picking.year, notBefore, notAfter).map((month) => (
              <Button
                key={month.value}
                className={styles['cell'] ?? ''}
                data-chosen={month.value === value}
                isDisabled={!month.open}
                onPress={() => {
                  onChange(month.value);
                  setPicking({ at: 'closed' });
                }}
              >
                {t('month.short', { month: Number(month.value.slice(5)) })}
              </Button>
            ))}
          </div>
        </Sheet>
      )}
    </div>
  );
}

interface YearSheetProps {
  readonly label: string;
  readonly years: readonly number[];
  readonly chosen: number;
  readonly onPick: (year: number) => void;
  readonly onClose: () => void;
  readonly onEarlier?: () => void;
  readonly onLater?: () => void;
}

function YearSheet({ label, years, chosen, onPick, onClose, onEarlier, onLater }: YearSheetProps) {
  const { t } = useWords();
  const actions = (
    <>
      {onEarlier && <Press onPress={onEarlier}>{t('month.earlier')}</Press>}
      {onLater && <Press onPress={onLater}>{t('month.later')}</Press>}
      <Press onPress={onClose}>{t('month.leave')}</Press>
    </>
  );
  return (
    <Sheet title={label} onClose={onClose} actions={actions}>
      <p>{t('month.yearFirst')}</p>
      <div className={styles['years']}>
        {years.map((year) => (
          <Button
            key={year}
            className={styles['cell'] ?? ''}
            data-chosen={year === chosen}
            onPress={() => onPick(year)}
          >
            {t('month.year', { year })}
          </Button>
        ))}
      </div>
    </Sheet>
  );
}
