import { useState } from 'react';
import type { Step } from '#contract/visit.ts';
import { useCall } from '../app/context.tsx';
import { useWords } from '../i18n/words.ts';
import { Tick } from '../ui/Choice.tsx';
import { Page } from '../ui/Page.tsx';
import { Press } from '../ui/Press.tsx';
import { Facts } from '../ui/Rows.tsx';
import { useLandscape } from '../ui/turn.ts';
import styles from './Consent.module.css';
import { Progress } from './Progress.tsx';

type ConsentStep = Extract<Step, { at: 'consent' }>;

/** Who collects what, why and for how long; sensitive data has its own tick, and refusing is a way out like any other. */
export function Consent({ step }: { readonly step: ConsentStep }) {
  const { t, of } = useWords();
  const call = useCall();
  const [use, setUse] = useState(false);
  const [sensitive, setSensitive] = useState(false);
  const landscape = useLandscape();
  const ready = use && sensitive;
  const ticks = (
    <div className={styles['ticks']}>
      <Tick ticked={use} onChange={setUse}>
        {t('consent.use')}
      </Tick>
      <Tick ticked={sensitive} onChange={setSensitive}>
        {t('consent.sensitive')}
      </Tick>
    </div>
  );
  const told = (
    <Facts
      read="note"
      facts={[
        { key: 'who', icon: 'people', title: t('consent.who'), note: of(step.responsible) },
        { key: 'why', icon: 'question', title: t('consent.why'), note: of(step.purpose) },
        {
          key: 'what',
          icon: 'card',
          title: t('consent.what'),
          note: (
            <span className={styles['what']}>
              {step.data.map((line) => (
                <span key={line.zh}>{of(line)}</span>
              ))}
            </span>
          ),
        },
        { key: 'long', icon: 'clock', title: t('consent.long'), note: of(step.retention) },
      ]}
    />
  );
  const actions = (
    <>
      <Press onPress={() => call('visit.refuseConsent', {})}>{t('consent.refuse')}</Press>
      <Press kind="main" disabled={!ready} describedBy="consent-note" onPress={() => call('visit.consent', {})}>
        {t('consent.agree')}
      </Press>
    </>
  );
  return (
    <Page
      over={<Progress item={of(step.item.title)} at="consent" />}
      title={t('consent.title')}
      lead={t('consent.lead')}
      split="even"
      shown={told}
      {...(landscape ? { aside: ticks } : { dock: ticks })}
      actions={actions}
      note={{ id: 'consent-note', words: t(ready ? 'consent.ready' : 'consent.missing') }}
    />
  );
}
