import { type ReactNode, useState } from 'react';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import type { VisitSnapshot } from '#contract/visit.ts';
import { SpeechBar } from '../speech/SpeechBar.tsx';
import type { Speaker } from '../speech/speaker.ts';
import { AlertBanner } from './AlertBanner.tsx';
import { BottomBar } from './BottomBar.tsx';
import { Countdown } from './Countdown.tsx';
import { useShow } from './context.tsx';
import { DisplaySheet } from './DisplaySheet.tsx';
import { EndSheet } from './EndSheet.tsx';
import styles from './Frame.module.css';
import { HelpSheet } from './HelpSheet.tsx';
import { useLowerEdge } from './lower-edge.ts';
import { Notes } from './Notes.tsx';
import { Offer } from './Offer.tsx';
import { usePresence } from './presence.ts';
import type { Picture } from './store.ts';
import { TopBar } from './TopBar.tsx';

interface FrameProps {
  readonly picture: Picture;
  readonly terminal: TerminalSnapshot;
  readonly visit: VisitSnapshot;
  readonly speaker: Speaker;
  /** Another one is another screen. */
  readonly screen: string;
  readonly children: ReactNode;
}

/** What a resident laid over the page by hand. */
type Over = 'nothing' | 'end' | 'help' | 'display';

/** What is always there: the two bars, the time-out, help and the end. */
export function Frame({ picture, terminal, visit, speaker, screen, children }: FrameProps) {
  const [over, setOver] = useState<{ readonly what: Over; readonly wipes: number }>({ what: 'nothing', wipes: 0 });
  const { deadline, help, step } = visit;
  const what = over.wipes === picture.wipes ? over.what : 'nothing';
  const lay = (next: Over) => setOver({ what: next, wipes: picture.wipes });
  const edge = useLowerEdge();
  const warning = deadline?.phase === 'warning' ? deadline : null;
  const show = useShow(step.at);
  usePresence(deadline?.phase === 'running');
  return (
    <>
      <TopBar terminal={terminal} />
      <AlertBanner alerts={terminal.alerts} />
      <Notes sound={picture.sound} />
      {children}
      <div ref={edge} className={styles['edge']}>
        {visit.offer === 'large-letters' && <Offer />}
        <SpeechBar
          key={picture.wipes}
          speaker={speaker}
          screen={screen}
          on={visit.display.speech === 'on'}
          show={show}
        />
        <BottomBar
          visit={visit}
          show={show}
          onEnd={() => lay('end')}
          onHelp={() => lay('help')}
          onDisplay={() => lay('display')}
        />
      </div>
      {what === 'end' && step.at !== 'ended' && <EndSheet at={step.at} onClose={() => lay('nothing')} />}
      {what === 'help' && <HelpSheet help={help} terminal={terminal} onClose={() => lay('nothing')} />}
      {what === 'display' && <DisplaySheet display={visit.display} onClose={() => lay('nothing')} />}
      {warning && <Countdown deadline={warning} since={picture.visitAt} submitted={step.at === 'done'} />}
    </>
  );
}
