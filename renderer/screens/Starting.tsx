import type { TerminalSnapshot } from '#contract/terminal.ts';
import { TopBar } from '../app/TopBar.tsx';
import { useWords } from '../i18n/words.ts';
import { Town } from '../ui/drawings/Town.tsx';
import { Page } from '../ui/Page.tsx';

/** Until the first snapshots are here. */
export function Starting({ terminal }: { readonly terminal: TerminalSnapshot | null }) {
  const { t } = useWords();
  return (
    <>
      <TopBar terminal={terminal} />
      <Page title={t('starting.title')} lead={t('starting.lead')} picture={<Town />} />
    </>
  );
}
