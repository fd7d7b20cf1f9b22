import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import type { Display, Step } from '#contract/visit.ts';
import { useWords } from '../i18n/words.ts';
import { Town } from '../ui/drawings/Town.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { Page } from '../ui/Page.tsx';
import { Section } from '../ui/Rows.tsx';
import styles from './Home.module.css';
import { Items } from './home/Items.tsx';
import { People } from './home/People.tsx';
import { Search } from './home/Search.tsx';

type HomeStep = Extract<Step, { at: 'home' }>;

/** The catalogue's icon names, as drawn here; a name of a later package gets the plain sheet. */
const icons: Readonly<Record<string, IconName>> = {
  certificate: 'document',
  apply: 'pen',
  proxy: 'people',
  request: 'speech',
  progress: 'find',
  services: 'heart',
};

interface HomeProps {
  readonly step: HomeStep;
  readonly terminal: TerminalSnapshot;
  readonly size: Display['mode'];
}

/** What can be done here, by groups; only what exists. A touch on the field at the top looks for it by a word. */
export function Home({ step, terminal, size }: HomeProps) {
  const { t, of } = useWords();
  const [searching, setSearching] = useState(false);
  if (searching) {
    return <Search items={step.items} terminal={terminal} size={size} onClose={() => setSearching(false)} />;
  }
  const groups = step.groups.map((group) => ({ group, items: step.items.filter((item) => item.group === group.id) }));
  return (
    <Page title={t('home.title')} lead={t('home.lead')} picture={<Town />}>
      <Button className={styles['search'] ?? ''} onPress={() => setSearching(true)}>
        <Icon name="find" />
        <span>{t('search.open')}</span>
      </Button>
      {groups
        .filter(({ items }) => items.length > 0)
        .map(({ group, items }) => (
          <Section key={group.id} title={of(group.title)}>
            <Items items={items} icon={icons[group.icon] ?? 'document'} />
          </Section>
        ))}
      <People terminal={terminal} />
    </Page>
  );
}
