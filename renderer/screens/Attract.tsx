import { Button } from 'react-aria-components/Button';
import { isFlood } from '#contract/alert-rules.ts';
import type { Concern, TerminalSnapshot } from '#contract/terminal.ts';
import { useCall } from '../app/context.tsx';
import { useWords } from '../i18n/words.ts';
import { Town } from '../ui/drawings/Town.tsx';
import { Icon } from '../ui/Icon.tsx';
import styles from './Attract.module.css';

/** Invites. The button's touch reaches over the whole picture. A worker who passes by reads what the terminal needs. */
export function Attract({ terminal }: { readonly terminal: TerminalSnapshot }) {
  const { t, of } = useWords();
  const call = useCall();
  const { alerts, community, health } = terminal;
  const flood = isFlood(alerts);
  const said = ({ part, what }: Concern) =>
    t('concern.one', { part: t(`concern.part.${part}`), what: t(`concern.what.${what}`) });
  return (
    <main className={styles['attract']}>
      <div className={styles['picture']}>
        <div className={styles['sky']}>
          <Town />
        </div>
        <div className={styles['words']}>
          {flood ? (
            <h1 className={styles['danger']}>{t('attract.flood')}</h1>
          ) : (
            <>
              <p className={styles['welcome']}>
                {community ? t('attract.welcome', { community: of(community.name) }) : t('attract.welcomeHere')}
              </p>
              <h1 className={styles['title']}>{t('attract.title')}</h1>
              <p className={styles['lead']}>{t('attract.lead')}</p>
            </>
          )}
        </div>
        <Button className={styles['start'] ?? ''} onPress={() => call('visit.begin', { display: {} })}>
          <Icon name="hand" size="big" />
          <span>{t('attract.start')}</span>
        </Button>
      </div>
      {community && (
        <ul className={styles['facts']}>
          {'concerns' in health && (
            <li className={styles['concerns']}>
              <Icon name="warning" />
              <span>{t('concern.staff', { list: health.concerns.map(said).join(t('concern.between')) })}</span>
            </li>
          )}
          {!flood && (
            <>
              <li>
                <Icon name="clock" />
                <span>{t('hours', community)}</span>
              </li>
              <li className={styles['desk']}>
                <Icon name="place" />
                <span>{of(community.desk)}</span>
              </li>
            </>
          )}
          <li>
            <Icon name="phone" />
            <span>{community.phone}</span>
          </li>
        </ul>
      )}
    </main>
  );
}
