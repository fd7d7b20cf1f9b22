import type { TerminalSnapshot } from '#contract/terminal.ts';
import type { Step } from '#contract/visit.ts';
import { useCall } from '../app/context.tsx';
import { useWords } from '../i18n/words.ts';
import { Page } from '../ui/Page.tsx';
import { Press } from '../ui/Press.tsx';
import { useLandscape } from '../ui/turn.ts';
import { Certificate, choiceOf } from './done/Certificate.tsx';
import { Next } from './done/Next.tsx';
import { Prints } from './done/Prints.tsx';
import { Rate } from './done/Rate.tsx';
import { ReceiptNumber } from './done/ReceiptNumber.tsx';
import { Progress } from './Progress.tsx';
import { Worker } from './Worker.tsx';

type DoneStep = Extract<Step, { at: 'done' }>;

/** It is taken in: the number, the papers with their true states, what comes next, and how it was. */
export function Done({ step, terminal }: { readonly step: DoneStep; readonly terminal: TerminalSnapshot }) {
  const { t, of } = useWords();
  const call = useCall();
  const landscape = useLandscape();
  const choice = choiceOf(step);
  const open = choice === 'open';
  const next = <Next step={step} choice={choice} online={terminal.network === 'online'} />;
  return (
    <>
      <Page
        over={<Progress item={of(step.item.title)} at="done" />}
        title={t('done.title')}
        split="even"
        aside={
          <>
            <ReceiptNumber number={step.receiptNumber} />
            {landscape && next}
          </>
        }
        actions={
          <>
            <Press onPress={() => call('visit.another', {})}>{t('done.another')}</Press>
            <Press kind={open ? 'other' : 'main'} onPress={() => call('visit.leave', {})}>
              {t('done.leave')}
            </Press>
          </>
        }
      >
        <Prints prints={step.prints} />
        <Certificate step={step} choice={choice} />
        {!landscape && next}
        <Rate levels={step.levels} rating={step.rating} />
      </Page>
      <Worker worker={step.worker} item={of(step.item.title)} />
    </>
  );
}
