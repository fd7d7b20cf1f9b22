import { isFlood } from '#contract/alert-rules.ts';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import type { Help } from '#contract/visit.ts';
import { useWords } from '../i18n/words.ts';
import { Press } from '../ui/Press.tsx';
import { type Fact, Facts } from '../ui/Rows.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import { State } from '../ui/State.tsx';

interface HelpSheetProps {
  readonly help: Help;
  readonly terminal: TerminalSnapshot;
  readonly onClose: () => void;
}

/** What became of the call for a worker, and the other ways to be helped. */
export function HelpSheet({ help, terminal, onClose }: HelpSheetProps) {
  const { t, of } = useWords();
  const { alerts, community } = terminal;
  const facts: Fact[] = community
    ? [{ key: 'phone', icon: 'phone', title: community.phone, note: t('help.phone') }]
    : [];
  if (community && !isFlood(alerts)) {
    facts.push({ key: 'desk', icon: 'place', title: of(community.desk), note: t('hours', community) });
  }
  return (
    <Sheet
      title={t('help.title')}
      onClose={onClose}
      actions={
        <Press kind="main" first onPress={onClose}>
          {t('help.close')}
        </Press>
      }
    >
      <HelpState help={help} />
      {facts.length > 0 && <Facts facts={facts} />}
    </Sheet>
  );
}

/** The ticket's true state in words. */
export function HelpState({ help }: { readonly help: Help }) {
  const { t } = useWords();
  switch (help.state) {
    case 'none':
      return <State icon="wait" title={t('help.none')} />;
    case 'called':
      return help.openNow ? (
        <State icon="bell" title={t('help.called')}>
          {t('help.calledNote')}
        </State>
      ) : (
        <State tone="warm" icon="clock" title={t('help.closed', { opens: help.opens })}>
          {t('help.closedNote')}
        </State>
      );
    case 'seen':
      return (
        <State tone="good" icon="tick" title={t('help.seen', { worker: help.worker })}>
          {t('help.seenNote')}
        </State>
      );
  }
}
