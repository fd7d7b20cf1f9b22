import type { PrintView, Step } from '#contract/visit.ts';
import { useCall } from '../app/context.tsx';
import { useWords } from '../i18n/words.ts';
import { Leave } from '../ui/drawings/Leave.tsx';
import { Page } from '../ui/Page.tsx';
import { Press } from '../ui/Press.tsx';
import { State } from '../ui/State.tsx';
import { Prints } from './done/Prints.tsx';

type LeavingStep = Extract<Step, { at: 'leaving' }>;

/** Card and papers are to be taken before one goes. */
export function Leaving({ step }: { readonly step: LeavingStep }) {
  const { t } = useWords();
  const call = useCall();
  const taken = step.card === 'taken';
  return (
    <Page
      title={t(titleOf(step.card, step.papers))}
      picture={<Leave card={!taken} papers={step.papers.length > 0} />}
      actions={
        <Press kind="main" onPress={() => call('visit.end', {})}>
          {t('leaving.end')}
        </Press>
      }
    >
      <State
        tone={taken ? 'good' : 'warm'}
        icon={taken ? 'tick' : 'card'}
        live="assertive"
        title={t(`leaving.card.${step.card}`)}
      >
        {t(taken ? 'leaving.takenNote' : 'leaving.cardNote')}
      </State>
      {step.papers.length > 0 && <Prints prints={step.papers} />}
    </Page>
  );
}

function titleOf(card: LeavingStep['card'], papers: readonly PrintView[]) {
  if (card !== 'taken') return 'leaving.titleCard';
  return papers.length > 0 ? 'leaving.titlePapers' : 'leaving.title';
}
