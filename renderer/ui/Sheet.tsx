import type { ReactNode } from 'react';
import { Dialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { type ActionNote, Actions } from './Actions.tsx';
import { Scroll } from './Scroll.tsx';
import styles from './Sheet.module.css';

interface SheetProps {
  readonly title: string;
  /** `alert` interrupts: time is running out, or something is to be decided at once. */
  readonly role?: 'dialog' | 'alertdialog';
  /** A control beside the title, or below it where both have no room. */
  readonly end?: ReactNode;
  readonly children?: ReactNode;
  /** Stays between content and actions, for instance a keyboard. */
  readonly dock?: ReactNode;
  /** Stays in place under the content. */
  readonly actions?: ReactNode;
  readonly note?: ActionNote;
  readonly onClose?: () => void;
}

/** A sheet that rises from the lower edge, where hands reach; the page stays to be seen above it. */
export function Sheet({ title, role = 'dialog', end, children, dock, actions, note, onClose }: SheetProps) {
  return (
    <ModalOverlay
      isOpen
      isKeyboardDismissDisabled={onClose === undefined}
      className={styles['shade'] ?? ''}
      onOpenChange={(open) => !open && onClose?.()}
    >
      <Modal className={styles['sheet'] ?? ''} data-dock={dock !== undefined}>
        <Dialog role={role} className={styles['dialog'] ?? ''}>
          <div className={styles['head']}>
            <Heading slot="title" className={styles['title'] ?? ''} level={2}>
              {title}
            </Heading>
            {end}
          </div>
          {children !== undefined && <Scroll>{children}</Scroll>}
          {dock}
          {actions !== undefined && <Actions note={note}>{actions}</Actions>}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
