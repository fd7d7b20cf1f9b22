import type { Step } from '#contract/visit.ts';
import { useCall } from '../../app/context.tsx';
import { useWords } from '../../i18n/words.ts';
import { Press } from '../../ui/Press.tsx';
import { Section } from '../../ui/Rows.tsx';
import { State } from '../../ui/State.tsx';
import styles from './Certificate.module.css';

type DoneStep = Extract<Step, { at: 'done' }>;

/** How the certificate comes to the resident: not chosen yet, a worker on the way, issued, refused, or collected later. */
export type CertificateChoice = 'open' | 'called' | 'issued' | 'refused' | 'later';

/** Reads the choice from what the snapshot shows. */
export function choiceOf({ worker, prints }: Pick<DoneStep, 'worker' | 'prints'>): CertificateChoice {
  if (worker.at === 'confirmed' || prints.some(({ document }) => document === 'certificate')) return 'issued';
  if (worker.at === 'refused') return 'refused';
  if (worker.at !== 'none') return 'called';
  return prints.some(({ document }) => document === 'acceptance-notice') ? 'later' : 'open';
}

/** The one question that is left: a worker now, or collect it another day. */
export function Certificate({ step, choice }: { readonly step: DoneStep; readonly choice: CertificateChoice }) {
  const { t, of } = useWords();
  const call = useCall();
  const collect = { when: of(step.collect.when), where: of(step.collect.where) };
  const later = <Press onPress={() => call('visit.collectLater', {})}>{t('certificate.later')}</Press>;
  const hasNotice = step.prints.some(({ document }) => document === 'acceptance-notice');
  switch (choice) {
    case 'open':
      return (
        <Section title={t('certificate.ask', { item: of(step.item.title) })}>
          <p className={styles['note']}>{t('certificate.note', collect)}</p>
          <div className={styles['buttons']}>
            {later}
            <Press kind="main" onPress={() => call('visit.callWorker', {})}>
              {t('certificate.now')}
            </Press>
          </div>
        </Section>
      );
    case 'called':
      return (
        <div className={styles['called']}>
          <State icon="bell" title={t('certificate.called')}>
            {t('certificate.calledNote')}
          </State>
          <div className={styles['buttons']}>
            {later}
            <Press icon="lock" onPress={() => call('worker.arrive', {})}>
              {t('certificate.arrive')}
            </Press>
          </div>
        </div>
      );
    case 'issued':
      return (
        <State tone="good" icon="tick" title={t('certificate.issued')}>
          {t('certificate.issuedNote')}
        </State>
      );
    case 'refused':
      return (
        <div className={styles['called']}>
          <State tone="warm" icon="people" title={t('certificate.refused')}>
            {t('certificate.refusedNote', collect)}
          </State>
          {!hasNotice && <div className={styles['buttons']}>{later}</div>}
        </div>
      );
    case 'later':
      return (
        <State tone="good" icon="tick" title={t('certificate.collect', collect)}>
          {t('certificate.collectNote', collect)}
        </State>
      );
  }
}
