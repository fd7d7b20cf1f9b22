import { useWords } from '../i18n/words.ts';
import { Town } from '../ui/drawings/Town.tsx';
import { Page } from '../ui/Page.tsx';
import { State } from '../ui/State.tsx';

/** The screen is wiped, and it says so. */
export function Ended() {
  const { t } = useWords();
  return (
    <Page title={t('ended.title')} lead={t('ended.lead')} picture={<Town />}>
      <State tone="good" icon="tick" title={t('ended.state')}>
        {t('ended.note')}
      </State>
    </Page>
  );
}
