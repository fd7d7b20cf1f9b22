import { useCall } from '../../app/context.tsx';
import { useWords } from '../../i18n/words.ts';
import type { IconName } from '../../ui/Icon.tsx';
import { RowPress } from '../../ui/Press.tsx';
import type { Item } from './found.ts';
import styles from './Items.module.css';

/** Items to touch, each with what it is or why it can't be done now. */
export function Items({ items, icon = 'document' }: { readonly items: readonly Item[]; readonly icon?: IconName }) {
  const { t, of } = useWords();
  const call = useCall();
  return (
    <div className={styles['items']}>
      {items.map((item) => (
        <RowPress
          key={item.id}
          icon={icon}
          title={of(item.title)}
          note={item.unavailable === null ? of(item.summary) : t(`unavailable.${item.unavailable}.short`)}
          onPress={() => call('visit.chooseItem', { item: item.id })}
        />
      ))}
    </div>
  );
}
