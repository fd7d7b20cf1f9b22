import { useState } from 'react';
import type { Step } from '#contract/visit.ts';
import { useCall, useSurroundings } from '../app/context.tsx';
import { useWords } from '../i18n/words.ts';
import { Page } from '../ui/Page.tsx';
import { Press } from '../ui/Press.tsx';
import { Values } from '../ui/Rows.tsx';
import { PAD_HEIGHT, SignaturePad } from '../ui/SignaturePad.tsx';
import { State } from '../ui/State.tsx';
import { type FlatStroke, isSigned } from '../ui/strokes.ts';
import { useLandscape } from '../ui/turn.ts';
import styles from './Check.module.css';
import { Progress } from './Progress.tsx';

type CheckStep = Extract<Step, { at: 'check' }>;

/** Everything on one page, to be corrected, declared and signed. */
export function Check({ step }: { readonly step: CheckStep }) {
  const { t, of } = useWords();
  const call = useCall();
  const { now } = useSurroundings();
  const landscape = useLandscape();
  const [strokes, setStrokes] = useState<readonly FlatStroke[]>([]);
  const signed = isSigned(strokes);
  const { submitting } = step;
  const submit = () => {
    call('visit.submit', { signature: { height: PAD_HEIGHT, strokes: strokes.map((stroke) => [...stroke]) } });
  };
  const sign = (
    <div className={styles['sign']}>
      <div className={styles['over']}>
        <p id="sign-here">{t(signed ? 'check.signed' : 'check.sign')}</p>
        <Press kind="quiet" icon="erase" disabled={strokes.length === 0 || submitting} onPress={() => setStrokes([])}>
          {t('check.again')}
        </Press>
      </div>
      <SignaturePad strokes={strokes} onChange={setStrokes} now={now} />
    </div>
  );
  const problem = step.problem !== null && (
    <State tone="warm" icon="warning" title={t(`check.problem.${step.problem}.title`)} live="assertive">
      {t(`check.problem.${step.problem}.note`)}
    </State>
  );
  const written = (
    <>
      {problem}
      <Values rows={step.rows.map(({ label, value }) => ({ label: of(label), value: of(value) }))} />
      <p className={styles['declaration']}>{of(step.declaration)}</p>
    </>
  );
  return (
    <Page
      over={<Progress item={of(step.item.title)} at="check" />}
      title={t('check.title')}
      split="even"
      {...(landscape ? { aside: written } : { shown: written })}
      dock={sign}
      note={{ id: 'check-note', words: t(noteOf(step, signed)) }}
      actions={
        <>
          <Press icon="pen" disabled={submitting} onPress={() => call('visit.edit', {})}>
            {t('check.edit')}
          </Press>
          <Press kind="main" disabled={!signed || submitting} describedBy="check-note" onPress={submit}>
            {t('check.submit')}
          </Press>
        </>
      }
    />
  );
}

function noteOf({ submitting, problem }: CheckStep, signed: boolean) {
  if (submitting) return 'check.submitting';
  if (problem !== null) return `check.problem.${problem}.title` as const;
  return signed ? 'check.ready' : 'check.missing';
}
