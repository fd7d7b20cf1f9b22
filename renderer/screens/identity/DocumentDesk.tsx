import { useState } from 'react';
import { unreachable } from '#contract/result.ts';
import type { DocumentView } from '#contract/visit.ts';
import { useCall } from '../../app/context.tsx';
import { useWords } from '../../i18n/words.ts';
import { Tick } from '../../ui/Choice.tsx';
import { Press } from '../../ui/Press.tsx';
import { Values } from '../../ui/Rows.tsx';
import { Sheet } from '../../ui/Sheet.tsx';
import { SignIn } from '../Worker.tsx';
import styles from './DocumentDesk.module.css';
import { EnterZone } from './EnterZone.tsx';

/** A worker takes in a document without a chip, over the page that waits for a card, which stays below as it is. */
export function DocumentDesk({ view }: { readonly view: DocumentView }) {
  switch (view.at) {
    case 'none':
      return null;
    case 'signing-in':
      return <SignIn view={view} />;
    case 'entering':
      return <EnterZone view={view} />;
    case 'comparing':
      return <Compare view={view} />;
    default:
      return unreachable(view);
  }
}

function Compare({ view }: { readonly view: Extract<DocumentView, { at: 'comparing' }> }) {
  const { t, of } = useWords();
  const call = useCall();
  const [seen, setSeen] = useState(false);
  return (
    <Sheet
      title={t('document.compare')}
      note={{ id: 'document-note', words: t(seen ? 'document.ready' : 'document.missing') }}
      actions={
        <>
          <Press onPress={() => call('worker.leave', {})}>{t('worker.leave')}</Press>
          <Press icon="pen" onPress={() => call('worker.editZone', {})}>
            {t('document.edit')}
          </Press>
          <Press
            kind="main"
            disabled={!seen}
            describedBy="document-note"
            onPress={() => call('worker.identify', { sawOriginal: true })}
          >
            {t('document.yes')}
          </Press>
        </>
      }
    >
      <p>{t('document.hello', { worker: view.worker })}</p>
      <div className={styles['compare']}>
        <Values rows={view.rows.map(({ label, value }) => ({ label: of(label), value: of(value) }))} />
        <div className={styles['tick']}>
          <Tick ticked={seen} onChange={setSeen}>
            {t('document.seen')}
          </Tick>
        </div>
      </div>
    </Sheet>
  );
}
