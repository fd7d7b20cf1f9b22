import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import type { Step } from '#contract/visit.ts';
import { useCall } from '../../app/context.tsx';
import { useWords } from '../../i18n/words.ts';
import { Tick } from '../../ui/Choice.tsx';
import { Press } from '../../ui/Press.tsx';
import { Section } from '../../ui/Rows.tsx';
import { Sheet } from '../../ui/Sheet.tsx';
import { State } from '../../ui/State.tsx';
import styles from './Rate.module.css';

type DoneStep = Extract<Step, { at: 'done' }>;
type Level = DoneStep['levels'][number];

/** Mouths from the best level to the worst. */
const mouths: Readonly<Record<number, string>> = {
  5: 'M9.5 18c2 7 11 7 13 0z',
  4: 'M10 19c3 4 9 4 12 0',
  3: 'M11 20.5h10',
  2: 'M10 22.5c3-4 9-4 12 0',
  1: 'M9.5 23.5c2-7 11-7 13 0z',
};

interface RateProps {
  readonly levels: readonly Level[];
  readonly rating: DoneStep['rating'];
}

/** Five faces with words, none chosen (R2); reasons follow the level (R3); not to rate is one touch as well. */
export function Rate({ levels, rating }: RateProps) {
  const { t, of } = useWords();
  const call = useCall();
  const [asking, setAsking] = useState<Level | null>(null);
  switch (rating.state) {
    case 'rated': {
      const level = levels.find((one) => one.level === rating.level);
      return (
        <State tone="good" icon="heart" title={t('rate.thanks')}>
          {level && t('rate.yours', { level: of(level.title) })}
        </State>
      );
    }
    case 'skipped':
      return <p className={styles['skipped']}>{t('rate.skipped')}</p>;
    case 'open':
      return (
        <Section
          title={t('rate.title')}
          note={t('rate.free')}
          end={
            <Press kind="quiet" onPress={() => call('visit.skipRating', {})}>
              {t('rate.skip')}
            </Press>
          }
        >
          <div className={styles['faces']} role="group" aria-label={t('rate.title')}>
            {levels
              .toSorted((one, other) => other.level - one.level)
              .map((level) => (
                <Button key={level.level} className={styles['face'] ?? ''} onPress={() => setAsking(level)}>
                  <Face level={level.level} />
                  <span>{of(level.title)}</span>
                </Button>
              ))}
          </div>
          {asking && <Reasons level={asking} onClose={() => setAsking(null)} />}
        </Section>
      );
  }
}

function Reasons({ level, onClose }: { readonly level: Level; readonly onClose: () => void }) {
  const { t, of } = useWords();
  const call = useCall();
  const [reasons, setReasons] = useState<ReadonlySet<string>>(new Set());
  const tick = (code: string, ticked: boolean) => {
    const next = new Set(reasons);
    if (ticked) next.add(code);
    else next.delete(code);
    setReasons(next);
  };
  const rate = () => {
    call('visit.rate', { level: level.level, reasons: [...reasons] });
    onClose();
  };
  return (
    <Sheet
      title={of(level.title)}
      onClose={onClose}
      actions={
        <>
          <Press onPress={onClose}>{t('rate.back')}</Press>
          <Press kind="main" onPress={rate}>
            {t('rate.send')}
          </Press>
        </>
      }
    >
      <p>{t('rate.why')}</p>
      <div className={styles['reasons']}>
        {level.reasons.map((reason) => (
          <Tick key={reason.code} ticked={reasons.has(reason.code)} onChange={(ticked) => tick(reason.code, ticked)}>
            {of(reason.title)}
          </Tick>
        ))}
      </div>
    </Sheet>
  );
}

function Face({ level }: { readonly level: number }) {
  return (
    <svg className={styles['drawing']} viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="12.5" />
      <path d="M11.500 12.500v.6M20.500 12.500v.6" />
      <path d={mouths[level]} />
    </svg>
  );
}
