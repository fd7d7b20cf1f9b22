import { useCallback, useSyncExternalStore } from 'react';
import type { Deadline } from '#contract/visit.ts';
import { useWords } from '../i18n/words.ts';
import { Press } from '../ui/Press.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import styles from './Countdown.module.css';
import { useCall, useSurroundings } from './context.tsx';

/** How often the clock is looked at. */
const LOOK_MS = 250;

interface CountdownProps {
  readonly deadline: Deadline;
  /** When the deadline arrived, on the surroundings' clock. */
  readonly since: number;
  readonly submitted: boolean;
}

/** Asks whether somebody is still there; the service decides when the time is over, the screen only shows it. */
export function Countdown({ deadline, since, submitted }: CountdownProps) {
  const { t } = useWords();
  const call = useCall();
  const left = useSecondsLeft(since + deadline.leftMs);
  const full = Math.max(1, Math.ceil(deadline.totalMs / 1000));
  const around = 2 * Math.PI * 52;
  return (
    <Sheet
      title={t('time.title')}
      role="alertdialog"
      actions={
        <>
          <Press onPress={() => call(submitted ? 'visit.leave' : 'visit.end', {})}>{t('time.end')}</Press>
          {deadline.extensionsLeft > 0 && (
            <Press kind="main" first onPress={() => call('visit.extend', {})}>
              {t('time.go')}
            </Press>
          )}
        </>
      }
    >
      <div className={styles['clock']}>
        <svg viewBox="0 0 120 120" aria-hidden="true">
          <circle className={styles['track']} cx="60" cy="60" r="52" />
          <circle
            className={styles['left']}
            cx="60"
            cy="60"
            r="52"
            transform="rotate(-90 60 60)"
            strokeDasharray={`${around * Math.min(1, left / full)} ${around}`}
          />
          <text x="60" y="62">
            {left}
          </text>
        </svg>
        <div>
          <p className={styles['seconds']} role="timer">
            {t('time.left', { seconds: left })}
          </p>
          <p>{t(submitted ? 'time.submitted' : 'time.unsent')}</p>
        </div>
      </div>
    </Sheet>
  );
}

/** Whole seconds until a moment on the surroundings' clock, never below none. */
function useSecondsLeft(until: number): number {
  const { now } = useSurroundings();
  const watch = useCallback((changed: () => void) => {
    const timer = setInterval(changed, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return useSyncExternalStore(watch, () => Math.max(0, Math.ceil((until - now()) / 1000)));
}
