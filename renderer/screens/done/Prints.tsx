import type { PrintState, PrintView } from '#contract/visit.ts';
import { useCall } from '../../app/context.tsx';
import { useWords } from '../../i18n/words.ts';
import type { IconName } from '../../ui/Icon.tsx';
import { Press } from '../../ui/Press.tsx';
import { Facts } from '../../ui/Rows.tsx';
import { Chip, type Tone } from '../../ui/State.tsx';

const documentIcons: Record<PrintView['document'], IconName> = {
  receipt: 'receipt',
  certificate: 'document',
  'acceptance-notice': 'print',
};

const tones: Record<PrintState['state'], Tone> = {
  queued: 'calm',
  printing: 'calm',
  confirmed: 'good',
  unknown: 'warm',
  failed: 'warm',
  held: 'warm',
};

/** Each paper with the printer's own truth about it; one that failed can be printed again. */
export function Prints({ prints }: { readonly prints: readonly PrintView[] }) {
  const { t, of } = useWords();
  const call = useCall();
  return (
    <Facts
      live
      facts={prints.map(({ id, document, title, print }) => ({
        key: id,
        icon: documentIcons[document],
        title: of(title),
        note: t(noteOf(print, document)),
        end:
          print.state === 'unknown' || print.state === 'failed' ? (
            <Press kind="quiet" icon="print" onPress={() => call('print.again', { job: id })}>
              {t('print.again')}
            </Press>
          ) : (
            <Chip tone={tones[print.state]}>{t(`print.${print.state}.short`)}</Chip>
          ),
      }))}
    />
  );
}

function noteOf(print: PrintState, document: PrintView['document']) {
  switch (print.state) {
    case 'failed':
      return `print.failed.${print.problem}` as const;
    case 'confirmed':
      return document === 'receipt' ? 'print.confirmed.receipt' : 'print.confirmed.page';
    default:
      return `print.${print.state}.note` as const;
  }
}
