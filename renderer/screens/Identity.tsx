import type { ReaderState } from '#contract/devices.ts';
import type { Help, Step } from '#contract/visit.ts';
import { useCall } from '../app/context.tsx';
import { HelpState } from '../app/HelpSheet.tsx';
import { useWords } from '../i18n/words.ts';
import { Reader, type ReaderScene } from '../ui/drawings/Reader.tsx';
import type { IconName } from '../ui/Icon.tsx';
import { Page } from '../ui/Page.tsx';
import { Press, RowPress } from '../ui/Press.tsx';
import { Facts, Section } from '../ui/Rows.tsx';
import { State, type Tone } from '../ui/State.tsx';
import styles from './Identity.module.css';
import { DocumentDesk } from './identity/DocumentDesk.tsx';
import { Progress } from './Progress.tsx';

type IdentityStep = Extract<Step, { at: 'identity' }>;

const scenes: Record<
  ReaderState['state'],
  { readonly scene: ReaderScene; readonly icon: IconName; readonly tone: Tone }
> = {
  ready: { scene: 'lay', icon: 'card', tone: 'calm' },
  looking: { scene: 'lay', icon: 'card', tone: 'calm' },
  reading: { scene: 'hold', icon: 'wait', tone: 'calm' },
  card: { scene: 'read', icon: 'tick', tone: 'good' },
  unreadable: { scene: 'lift', icon: 'warning', tone: 'warm' },
  away: { scene: 'away', icon: 'warning', tone: 'warm' },
  fault: { scene: 'away', icon: 'warning', tone: 'warm' },
};

/** Where the card goes, what the reader does now, and the ways of those whose card has no chip. */
export function Identity({ step, help }: { readonly step: IdentityStep; readonly help: Help }) {
  const { t, of } = useWords();
  const call = useCall();
  const { reader, refused } = step;
  const look = refused === null ? scenes[reader.state] : scenes.unreadable;
  const words = refused !== null ? (`identity.refused.${refused}` as const) : readerWords(reader);
  const others = step.otherWays || refused !== null || look.scene === 'away';
  return (
    <>
      <Page
        over={<Progress item={of(step.item.title)} at="identity" />}
        title={t('identity.title')}
        picture={<Reader scene={look.scene} />}
      >
        <State
          tone={look.tone}
          icon={look.icon}
          title={t(`${words}.title`)}
          live={look.tone === 'warm' ? 'assertive' : 'polite'}
        >
          {t(`${words}.note`)}
        </State>
        {others ? (
          <Section title={t('identity.others')}>
            {help.state === 'called' ? (
              <HelpState help={help} />
            ) : (
              <RowPress
                icon="people"
                title={t('identity.worker')}
                note={t('identity.workerNote')}
                onPress={() => call('help.call', {})}
              />
            )}
            {help.state !== 'none' && (
              <div className={styles['arrive']}>
                <Press icon="lock" onPress={() => call('worker.arrive', {})}>
                  {t('certificate.arrive')}
                </Press>
              </div>
            )}
            <Facts
              facts={[
                { key: 'chipless', icon: 'document', title: t('identity.chipless'), note: t('identity.chiplessNote') },
              ]}
            />
          </Section>
        ) : (
          <Facts facts={[{ key: 'kinds', icon: 'card', title: t('identity.kinds'), note: t('identity.kindsNote') }]} />
        )}
      </Page>
      <DocumentDesk view={step.worker} />
    </>
  );
}

function readerWords(reader: ReaderState) {
  switch (reader.state) {
    case 'unreadable':
      return `identity.unreadable.${reader.why}` as const;
    // No card lies there yet: the person is waited for, not the reader.
    case 'looking':
      return 'identity.reader.ready';
    default:
      return `identity.reader.${reader.state}` as const;
  }
}
