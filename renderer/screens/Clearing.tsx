import { useWords } from '../i18n/words.ts';
import { Reader } from '../ui/drawings/Reader.tsx';
import { Page } from '../ui/Page.tsx';
import { State } from '../ui/State.tsx';

/** Somebody's card lies on the reader: it goes first. */
export function Clearing() {
  const { t } = useWords();
  return (
    <Page title={t('clearing.title')} lead={t('clearing.lead')} picture={<Reader scene="lift" />}>
      <State tone="warm" icon="card" title={t('clearing.state')}>
        {t('clearing.notYours')}
      </State>
    </Page>
  );
}
