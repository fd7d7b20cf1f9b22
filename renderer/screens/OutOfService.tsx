import { isFlood } from '#contract/alert-rules.ts';
import type { OutOfService as Reason, TerminalSnapshot } from '#contract/terminal.ts';
import { TopBar } from '../app/TopBar.tsx';
import { useWords } from '../i18n/words.ts';
import { Town } from '../ui/drawings/Town.tsx';
import { Page } from '../ui/Page.tsx';
import { type Fact, Facts } from '../ui/Rows.tsx';
import { State } from '../ui/State.tsx';

interface OutOfServiceProps {
  readonly terminal: TerminalSnapshot;
  readonly why: Reason['why'];
}

/** Why nobody can be served now, where to go and whom to call. */
export function OutOfService({ terminal, why }: OutOfServiceProps) {
  const { t, of } = useWords();
  const { alerts, community } = terminal;
  const flood = isFlood(alerts);
  const facts: Fact[] = community
    ? [
        ...(flood
          ? []
          : [{ key: 'desk', icon: 'people' as const, title: of(community.desk), note: t('out.desk', community) }]),
        { key: 'phone', icon: 'phone', title: community.phone, note: t('out.phone') },
      ]
    : [{ key: 'city', icon: 'phone', title: t('out.city'), note: t('out.cityNote') }];
  if (why === 'withdrawn')
    facts.push({ key: 'staff', icon: 'warning', title: t('out.staff'), note: t('out.staffNote') });
  return (
    <>
      <TopBar terminal={terminal} />
      <Page title={t(why === 'starting' ? 'starting.title' : 'out.title')} picture={<Town />}>
        <State
          tone={why === 'starting' ? 'calm' : 'warm'}
          icon={why === 'starting' ? 'wait' : 'warning'}
          title={t(`out.why.${why}`)}
        >
          {t('out.safe')}
        </State>
        <Facts facts={facts} />
      </Page>
    </>
  );
}
