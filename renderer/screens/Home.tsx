import type { TerminalSnapshot } from '#contract/terminal.ts';
import type { Step } from '#contract/visit.ts';
import { useCall } from '../app/context.tsx';
import { useWords } from '../i18n/words.ts';
import { Town } from '../ui/drawings/Town.tsx';
import type { IconName } from '../ui/Icon.tsx';
import { Page } from '../ui/Page.tsx';
import { RowPress } from '../ui/Press.tsx';
import { Facts, Section } from '../ui/Rows.tsx';
import styles from './Home.module.css';

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

/** What can be done here, by groups; only what exists. */
export function Home({ step, terminal }: { readonly step: HomeStep; readonly terminal: TerminalSnapshot }) {
  const { t, of } = useWords();
  const call = useCall();
  const groups = step.groups.map((group) => ({ group, items: step.items.filter((item) => item.group === group.id) }));
  const { community } = terminal;
  return (
    <Page title={t('home.title')} lead={t('home.lead')} picture={<Town />}>
      {groups
        .filter(({ items }) => items.length > 0)
        .map(({ group, items }) => (
          <Section key={group.id} title={of(group.title)}>
            <div className={styles['items']}>
              {items.map((item) => (
                <RowPress
                  key={item.id}
                  icon={icons[group.icon] ?? 'document'}
                  title={of(item.title)}
                  note={item.unavailable === null ? of(item.summary) : t(`unavailable.${item.unavailable}.short`)}
                  onPress={() => call('visit.chooseItem', { item: item.id })}
                />
              ))}
            </div>
          </Section>
        ))}
      {community && (
        <Section title={t('home.other')}>
          <Facts
            facts={[
              { key: 'desk', icon: 'people', title: of(community.desk), note: t('hours', community) },
              { key: 'phone', icon: 'phone', title: community.phone, note: t('home.phone') },
            ]}
          />
        </Section>
      )}
    </Page>
  );
}
