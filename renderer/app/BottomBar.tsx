import { Button } from 'react-aria-components/Button';
import type { Help, Step, VisitSnapshot } from '#contract/visit.ts';
import { useWords } from '../i18n/words.ts';
import { type Show, useCall } from './context.tsx';
import styles from './Frame.module.css';
import { Tool } from './Tool.tsx';

const nextMode = { standard: 'elder', elder: 'large', large: 'standard' } as const;
const goesBack = new Set<Step['at']>(['item', 'consent', 'identity', 'form', 'check']);
const ends = new Set<Step['at']>(['home', 'item', 'consent', 'identity', 'form', 'check', 'done']);

interface BottomBarProps {
  readonly visit: VisitSnapshot;
  readonly show: Show;
  readonly onEnd: () => void;
  readonly onHelp: () => void;
  readonly onDisplay: () => void;
}

/** The controls that are always within reach. What a screen has no use for is left out. */
export function BottomBar({ visit, show, onEnd, onHelp, onDisplay }: BottomBarProps) {
  const { t } = useWords();
  const call = useCall();
  const { display, help, step } = visit;
  return (
    <nav className={styles['bottom']} aria-label={t('bar.name')}>
      <Tool
        icon="letters"
        words={t(`bar.mode.${nextMode[display.mode]}`)}
        onPress={() => show({ mode: nextMode[display.mode] })}
      />
      <Tool
        icon="globe"
        words={t('bar.language')}
        onPress={() => show({ language: display.language === 'zh' ? 'en' : 'zh' })}
      />
      <Tool
        icon="contrast"
        words={t('bar.display')}
        onPress={() => {
          if (step.at === 'attract') call('visit.begin', { display: {} });
          onDisplay();
        }}
      />
      <Tool
        icon="ear"
        words={t(`bar.speech.${display.speech}`)}
        onPress={() => show({ speech: display.speech === 'on' ? 'off' : 'on' })}
      />
      <Tool
        icon="hand"
        words={t(helpWords(help))}
        marked={help.state !== 'none'}
        onPress={() => {
          if (step.at === 'attract') call('visit.begin', { display: {} });
          if (help.state === 'none') call('help.call', {});
          onHelp();
        }}
      />
      {goesBack.has(step.at) && <Tool icon="back" words={t('bar.back')} onPress={() => call('visit.back', {})} />}
      {ends.has(step.at) && (
        <Button className={styles['end'] ?? ''} onPress={onEnd}>
          {t('bar.end')}
        </Button>
      )}
    </nav>
  );
}

function helpWords(help: Help) {
  switch (help.state) {
    case 'none':
      return 'bar.help.none';
    case 'called':
      return help.openNow ? 'bar.help.called' : 'bar.help.closed';
    case 'seen':
      return 'bar.help.seen';
  }
}
