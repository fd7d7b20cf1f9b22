import { Dialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import type { Alert } from '#contract/alerts.ts';
import { useWords } from '../i18n/words.ts';
import { Actions } from '../ui/Actions.tsx';
import { Icon } from '../ui/Icon.tsx';
import { nowWords } from '../ui/months.ts';
import { Press } from '../ui/Press.tsx';
import { Facts } from '../ui/Rows.tsx';
import { Scroll } from '../ui/Scroll.tsx';
import styles from './Alert.module.css';

interface AlertCoverProps {
  readonly alert: Alert;
  /** Null where nothing else could be shown: the alert then stays until it ends. */
  readonly onRead: (() => void) | null;
}

/** A grave alert over everything; what lies below stays as it is. */
export function AlertCover({ alert, onRead }: AlertCoverProps) {
  const { t, of, language } = useWords();
  const { level, title, text, steps, phone, issuer, expiresAt } = alert;
  return (
    <ModalOverlay isOpen isKeyboardDismissDisabled className={styles['shade'] ?? ''}>
      <Modal className={styles['cover'] ?? ''}>
        <Dialog role="alertdialog" className={styles['dialog'] ?? ''}>
          <div className={styles['head']} data-level={level}>
            <p className={styles['level']}>
              <Icon name="warning" size="big" />
              {t(`alert.level.${level}`)}
            </p>
            <Heading slot="title" className={styles['title'] ?? ''} level={2}>
              {of(title)}
            </Heading>
          </div>
          <div className={styles['body']}>
            <Scroll>
              <p className={styles['text']}>{of(text)}</p>
              <h3 className={styles['now']}>{t('alert.now')}</h3>
              <ol className={styles['steps']}>
                {steps.map((step) => (
                  <li key={step.zh}>{of(step)}</li>
                ))}
              </ol>
              <Facts
                facts={[
                  { key: 'phone', icon: 'phone', title: phone, note: t('alert.phone') },
                  {
                    key: 'until',
                    icon: 'clock',
                    title: t('alert.until', nowWords(new Date(expiresAt), language)),
                    note: t('alert.issuer', { issuer: of(issuer) }),
                  },
                ]}
              />
            </Scroll>
            {onRead && (
              <Actions>
                <Press kind="main" first onPress={onRead}>
                  {t('alert.read')}
                </Press>
              </Actions>
            )}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
