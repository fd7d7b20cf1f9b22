import type { TerminalSnapshot } from '#contract/terminal.ts';
import { useWords } from '../../i18n/words.ts';
import { Facts, Section } from '../../ui/Rows.tsx';

/** Who helps where the terminal does not: the desk and the community's telephone. */
export function People({ community }: { readonly community: NonNullable<TerminalSnapshot['community']> }) {
  const { t, of } = useWords();
  return (
    <Section title={t('home.other')}>
      <Facts
        facts={[
          { key: 'desk', icon: 'people', title: of(community.desk), note: t('hours', community) },
          { key: 'phone', icon: 'phone', title: community.phone, note: t('home.phone') },
        ]}
      />
    </Section>
  );
}
