import type { ItemGuide } from '#contract/visit.ts';
import { useCall } from '../app/context.tsx';
import { useWords } from '../i18n/words.ts';
import type { IconName } from '../ui/Icon.tsx';
import { Page } from '../ui/Page.tsx';
import { Press } from '../ui/Press.tsx';
import { Facts, Section, Values } from '../ui/Rows.tsx';
import { Chip, State } from '../ui/State.tsx';
import styles from './Item.module.css';

const materialIcons: Record<ItemGuide['materials'][number]['how'], IconName> = {
  card: 'card',
  seen: 'document',
  later: 'clock',
};

/** What it is, who can have it, what to bring (all at once, R9), how long it takes and where the result comes. */
export function Item({ item }: { readonly item: ItemGuide }) {
  const { t, of } = useWords();
  const call = useCall();
  const actions =
    item.unavailable === null ? (
      <>
        <Press onPress={() => call('visit.back', {})}>{t('item.other')}</Press>
        <Press kind="main" onPress={() => call('visit.start', {})}>
          {t('item.start')}
        </Press>
      </>
    ) : (
      <Press kind="main" onPress={() => call('visit.back', {})}>
        {t('item.other')}
      </Press>
    );
  const aside = (
    <div className={styles['glance']}>
      <Facts
        facts={[
          {
            key: 'time',
            icon: 'clock',
            title: t(`item.promised.${item.promised.unit}`, { value: item.promised.value }),
            note: t('item.time'),
          },
          {
            key: 'fee',
            icon: 'coin',
            title: fee(item.feeFen, t('item.free')),
            note: item.feeFen === 0 ? t('item.fee') : of(item.feeBasis),
          },
          { key: 'offline', icon: 'network', title: t(`item.offline.${item.offline}`), note: t('item.network') },
        ]}
      />
    </div>
  );
  return (
    <Page over={t('item.over')} title={of(item.title)} lead={of(item.summary)} aside={aside} actions={actions}>
      {item.unavailable !== null && (
        <State tone="warm" icon="warning" title={t(`unavailable.${item.unavailable}.short`)}>
          {t(`unavailable.${item.unavailable}.instead`)}
        </State>
      )}
      <Section title={t('item.bring')}>
        <Facts
          facts={item.materials.map((material) => ({
            key: material.name.zh,
            icon: materialIcons[material.how],
            title: of(material.name),
            note: material.note && of(material.note),
            end: <Chip tone={material.how === 'later' ? 'calm' : 'warm'}>{t(`item.how.${material.how}`)}</Chip>,
          }))}
        />
      </Section>
      <Section title={t('item.who')}>
        <ul className={styles['conditions']}>
          {item.conditions.map((condition) => (
            <li key={condition.zh}>{of(condition)}</li>
          ))}
        </ul>
      </Section>
      <Values
        rows={[
          { label: t('item.place'), value: of(item.place) },
          { label: t('item.responsible'), value: of(item.responsible) },
          { label: t('item.complaint'), value: item.complaintPhone },
        ]}
      />
    </Page>
  );
}

function fee(fen: number, free: string): string {
  return fen === 0 ? free : `¥${(fen / 100).toFixed(2)}`;
}
