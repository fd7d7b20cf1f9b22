import type { Step } from '#contract/visit.ts';
import { useWords } from '../../i18n/words.ts';
import { Section } from '../../ui/Rows.tsx';
import type { CertificateChoice } from './Certificate.tsx';
import styles from './Next.module.css';

interface NextProps {
  readonly step: Extract<Step, { at: 'done' }>;
  readonly choice: CertificateChoice;
  readonly online: boolean;
}

const verifyNotes = {
  open: 'next.verifyNote',
  called: 'next.calledNote',
  issued: 'next.verifiedNote',
  refused: 'next.laterNote',
  later: 'next.laterNote',
} as const satisfies Record<CertificateChoice, string>;

/** What was done and what comes next, as a line with three points. */
export function Next({ step, choice, online }: NextProps) {
  const { t, of } = useWords();
  const collect = { when: of(step.collect.when), where: of(step.collect.where) };
  const sync = step.sync === 'acknowledged' ? 'acknowledged' : online ? 'sending' : 'offline';
  const points = [
    { key: 'accepted', past: true, title: t('next.accepted'), note: t('next.acceptedNote', { time: step.acceptedAt }) },
    {
      key: 'verified',
      past: choice === 'issued',
      title: t(choice === 'issued' ? 'next.verified' : 'next.verify'),
      note: t(verifyNotes[choice], collect),
    },
    { key: 'sync', past: sync === 'acknowledged', title: t(`next.sync.${sync}`), note: t(`next.sync.${sync}Note`) },
  ];
  return (
    <Section title={t('next.title')}>
      <ol className={styles['points']} aria-live="polite">
        {points.map(({ key, past, title, note }) => (
          <li key={key} data-past={past}>
            <strong>{title}</strong>
            <small>{note}</small>
          </li>
        ))}
      </ol>
    </Section>
  );
}
