import { isGrave } from '#contract/alert-rules.ts';
import type { Alert } from '#contract/alerts.ts';
import { useWords } from '../i18n/words.ts';
import { Icon } from '../ui/Icon.tsx';
import styles from './Alert.module.css';

/** The gravest alert that holds, in one line under the top bar of every screen. */
export function AlertBanner({ alerts }: { readonly alerts: readonly Alert[] }) {
  const { t, of } = useWords();
  const [alert] = alerts;
  if (!alert) return null;
  return (
    <p className={styles['banner']} data-level={alert.level} role="status">
      <Icon name={isGrave(alert) ? 'warning' : 'bell'} />
      <span>
        <b>{t(`alert.level.${alert.level}`)}</b> {of(alert.title)}
        {alerts.length > 1 && ` ${t('alert.more', { count: alerts.length - 1 })}`}
      </span>
    </p>
  );
}
