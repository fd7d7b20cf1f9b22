import { isFlood } from '#contract/alert-rules.ts';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import { useWords } from '../../i18n/words.ts';
import { type Fact, Facts, Section } from '../../ui/Rows.tsx';

/** Who helps where the terminal does not: the desk and the community's telephone. */
export function People({ terminal }: { readonly terminal: TerminalSnapshot }) {
  const { t, of } = useWords();
  const { alerts, community } = terminal;
  if (!community) return null;
  const desk: Fact = { key: 'desk', icon: 'people', title: of(community.desk), note: t('hours', community) };
  return (
    <Section title={t('home.other')}>
      <Facts
        facts={[
          ...(isFlood(alerts) ? [] : [desk]),
          { key: 'phone', icon: 'phone', title: community.phone, note: t('home.phone') },
        ]}
      />
    </Section>
  );
}
