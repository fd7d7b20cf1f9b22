import type { Step } from '#contract/visit.ts';
import { useWords } from '../i18n/words.ts';
import { Press } from '../ui/Press.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import { useCall } from './context.tsx';

interface EndSheetProps {
  readonly at: Step['at'];
  readonly onClose: () => void;
}

/** Asks once before a visit ends: what is lost without a submission, and that nothing is lost after it. */
export function EndSheet({ at, onClose }: EndSheetProps) {
  const { t } = useWords();
  const call = useCall();
  const after = at === 'done' ? 'accepted' : 'unsent';
  const end = () => {
    onClose();
    if (after === 'accepted') call('visit.leave', {});
    else call('visit.end', {});
  };
  return (
    <Sheet
      title={t('end.title')}
      role="alertdialog"
      onClose={onClose}
      actions={
        <>
          <Press onPress={end}>{t(`end.${after}.yes`)}</Press>
          <Press kind="main" first onPress={onClose}>
            {t('end.no')}
          </Press>
        </>
      }
    >
      <p>{t(`end.${after}.words`)}</p>
    </Sheet>
  );
}
