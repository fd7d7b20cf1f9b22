import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { isSpeechKey, type SpeechKey, speechKeys } from '#contract/speech-keys.ts';
import type { Show } from '../app/context.tsx';
import { Tool } from '../app/Tool.tsx';
import { useWords } from '../i18n/words.ts';
import { Curtain } from './Curtain.tsx';
import { useReading } from './reading.ts';
import styles from './SpeechBar.module.css';
import type { Speaker } from './speaker.ts';

interface SpeechBarProps {
  readonly speaker: Speaker;
  readonly screen: string;
  readonly on: boolean;
  readonly show: Show;
}

type Wish = (typeof speechKeys)[SpeechKey];

/** Reads aloud while that is on: what is said stands in words, and can be repeated, stopped, turned up and kept from other eyes. */
export function SpeechBar({ speaker, screen, on, show }: SpeechBarProps) {
  const { t, language } = useWords();
  const { caption } = useSyncExternalStore(speaker.subscribe, speaker.said);
  const [hidden, setHidden] = useState(false);
  useReading({ speaker, on, screen });

  const wish = useCallback(
    (what: Wish) => {
      if (what === 'switch') return show({ speech: on ? 'off' : 'on' });
      if (what === 'headset-in') return show({ speech: 'on' });
      if (!on) return;
      switch (what) {
        case 'repeat':
          return speaker.repeat();
        case 'quiet':
          return speaker.quiet();
        // Whoever pulls the plug has gone, or must not have the room listen.
        case 'headset-out':
          return show({ speech: 'off' });
        case 'softer':
        case 'louder': {
          const level = speaker.turn(what === 'louder' ? 1 : -1);
          return speaker.remark(t('speech.level', { level }), language);
        }
        case 'curtain':
          setHidden(!hidden);
          return speaker.remark(t(hidden ? 'speech.shown' : 'speech.hidden'), language);
        default:
          return what satisfies never;
      }
    },
    [speaker, on, show, hidden, t, language],
  );
  useEffect(() => {
    const pressed = ({ code, repeat }: KeyboardEvent) => {
      if (!repeat && isSpeechKey(code)) wish(speechKeys[code]);
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [wish]);

  if (!on) return null;
  return (
    <section className={styles['bar']} aria-label={t('speech.name')}>
      <div className={styles['caption']}>
        <p>{caption}</p>
      </div>
      <div className={styles['tools']}>
        <Tool icon="again" words={t('speech.repeat')} onPress={() => wish('repeat')} />
        <Tool icon="stop" words={t('speech.quiet')} onPress={() => wish('quiet')} />
        <Tool icon="softer" words={t('speech.softer')} onPress={() => wish('softer')} />
        <Tool icon="louder" words={t('speech.louder')} onPress={() => wish('louder')} />
        <Tool icon="curtain" words={t('speech.curtain')} onPress={() => wish('curtain')} />
      </div>
      {hidden && <Curtain onTouch={() => wish('curtain')} />}
    </section>
  );
}
