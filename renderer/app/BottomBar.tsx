import { Button } from 'react-aria-components/Button';
import type { Display, Help, Step, VisitSnapshot } from '#contract/visit.ts';
import { useWords } from '../i18n/words.ts';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { useCall } from './context.tsx';
import styles from './Frame.module.css';

const nextMode = { standard: 'elder', elder: 'large', large: 'standard' } as const;
const goesBack = new Set<Step['at']>(['item', 'consent', 'identity', 'form', 'check']);
const ends = new Set<Step['at']>(['home', 'item', 'consent', 'identity', 'form', 'check', 'done']);

interface BottomBarProps {
  readonly visit: VisitSnapshot;
  readonly onEnd: () => void;
  readonly onHelp: () => void;
  readonly onDisplay: () => void;
}

/** The controls that are always within reach. What a screen has no use for is left out. */
export function BottomBar({ visit, onEnd, onHelp, onDisplay }: BottomBarProps) {
  const { t } = useWords();
  const call = useCall();
  const { display, help, step } = visit;
  const show = (change: Partial<Display>) => {
    if (step.at === 'attract') call('visit.begin', { display: change });
    else call('visit.display', change);
  };
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

interface ToolProps {
  readonly icon: IconName;
  readonly words: string;
  readonly marked?: boolean;
  readonly onPress: () => void;
}

function Tool({ icon, words, marked = false, onPress }: ToolProps) {
  return (
    <Button className={styles['tool'] ?? ''} data-marked={marked} onPress={onPress}>
      <Icon name={icon} />
      <span>{words}</span>
    </Button>
  );
}
