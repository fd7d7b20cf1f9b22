import type { Display } from '#contract/visit.ts';
import { useWords } from '../i18n/words.ts';
import { Choice } from '../ui/Choice.tsx';
import { Press } from '../ui/Press.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import { useLandscape } from '../ui/turn.ts';
import { useCall } from './context.tsx';

const choices = {
  theme: ['standard', 'contrast', 'dark'],
  reach: ['full', 'low'],
  hand: ['right', 'left'],
} as const;

interface DisplaySheetProps {
  readonly display: Display;
  readonly onClose: () => void;
}

/** How the screen suits this person's eyes and hands; each choice shows at once. */
export function DisplaySheet({ display, onClose }: DisplaySheetProps) {
  const { t } = useWords();
  const call = useCall();
  const landscape = useLandscape();
  const change = (what: Partial<Display>) => call('visit.display', what);
  return (
    <Sheet
      title={t('display.title')}
      onClose={onClose}
      actions={
        <Press kind="main" onPress={onClose}>
          {t('display.close')}
        </Press>
      }
    >
      <Choice
        label={t('display.theme.name')}
        value={display.theme}
        options={choices.theme.map((value) => ({ value, label: t(`display.theme.${value}`) }))}
        onChange={(theme) => change({ theme })}
      />
      {/* A wide picture is low enough for every hand. */}
      {!landscape && (
        <Choice
          label={t('display.reach.name')}
          value={display.reach}
          options={choices.reach.map((value) => ({ value, label: t(`display.reach.${value}`) }))}
          onChange={(reach) => change({ reach })}
        />
      )}
      <Choice
        label={t('display.hand.name')}
        value={display.hand}
        options={choices.hand.map((value) => ({ value, label: t(`display.hand.${value}`) }))}
        onChange={(hand) => change({ hand })}
      />
    </Sheet>
  );
}
