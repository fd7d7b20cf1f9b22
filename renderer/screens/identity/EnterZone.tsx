import type { ZoneFormat } from '#contract/person.ts';
import type { DocumentView } from '#contract/visit.ts';
import { useCall } from '../../app/context.tsx';
import { useWords } from '../../i18n/words.ts';
import { Press } from '../../ui/Press.tsx';
import { Sheet } from '../../ui/Sheet.tsx';
import { State } from '../../ui/State.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { ZoneLines } from '../../ui/ZoneLines.tsx';
import { ZonePad } from '../../ui/ZonePad.tsx';
import styles from './EnterZone.module.css';

/** In the order of the tabs; a scan chooses by itself. */
const FORMATS = ['td3', 'td1', 'td2'] as const satisfies readonly ZoneFormat[];

type Entering = Extract<DocumentView, { at: 'entering' }>;

/** The zone comes by the scanner or by hand; what is wrong is said beside the lines, with its place, while they grow. */
export function EnterZone({ view }: { readonly view: Entering }) {
  const { t } = useWords();
  const call = useCall();
  const full = view.lines.every((line) => line.length === view.length);
  const usable = view.right && view.refused === null;
  return (
    <Sheet
      title={t('document.title')}
      end={
        <Tabs
          label={t('document.format')}
          tabs={FORMATS.map((format) => ({ id: format, words: t(`document.formats.${format}`) }))}
          chosen={view.format}
          onChoose={(format) => call('worker.zoneFormat', { format })}
        />
      }
      dock={
        <div className={styles['zone']} data-full={full}>
          <ZoneLines
            lines={view.lines}
            length={view.length}
            cursor={view.cursor}
            wrong={view.problem}
            label={(line) => t('document.line', { line: line + 1 })}
          />
          <div className={styles['verdict']}>
            <Verdict view={view} />
            {view.problem !== null && (
              <Press kind="quiet" onPress={() => call('worker.typeZone', { key: 'mistake' })}>
                {t('document.mistake')}
              </Press>
            )}
          </div>
          <ZonePad label={t('document.pad')} full={full} onKey={(key) => call('worker.typeZone', { key })} />
        </div>
      }
      actions={
        <>
          <Press onPress={() => call('worker.leave', {})}>{t('worker.leave')}</Press>
          <Press kind="main" disabled={!usable} onPress={() => call('worker.readZone', {})}>
            {t('document.next')}
          </Press>
        </>
      }
    />
  );
}

/** What is to be done now, or what is wrong. */
function Verdict({ view }: { readonly view: Entering }) {
  const { t } = useWords();
  const { problem, refused, right, scanner } = view;
  if (refused !== null) {
    return <State tone="warm" icon="warning" live="assertive" title={t(`identity.refused.${refused}.title`)} />;
  }
  if (problem !== null) {
    const field = t(`document.field.${problem.field}`);
    return <State tone="warm" icon="warning" live="polite" title={t(`document.problem.${problem.why}`, { field })} />;
  }
  if (right) return <State tone="good" icon="tick" title={t('document.right')} />;
  return <State icon="document" title={t(`document.how.${scanner ?? 'none'}`)} />;
}
