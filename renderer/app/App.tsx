import { useEffect, useState } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import type { Bridge } from '#contract/calls.ts';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import type { Display } from '#contract/visit.ts';
import { speak } from '../i18n/words.ts';
import { OutOfService } from '../screens/OutOfService.tsx';
import { Starting } from '../screens/Starting.tsx';
import { Speaker } from '../speech/speaker.ts';
import { LowReach } from '../ui/reach.ts';
import { AlertOver } from './AlertOver.tsx';
import { SurroundingsProvider, usePicture } from './context.tsx';
import { Frame } from './Frame.tsx';
import { Ribbon } from './Ribbon.tsx';
import { Screen } from './Screen.tsx';
import type { ScreenStore } from './store.ts';

interface AppProps {
  readonly bridge: Bridge;
  readonly store: ScreenStore;
  readonly clock: () => Date;
}

/** The whole screen, drawn from the two snapshots and nothing else. */
export function App({ bridge, store, clock }: AppProps) {
  const picture = usePicture(store);
  const { terminal, visit } = picture;
  const display = visit?.display ?? STANDARD_DISPLAY;
  const [speaker] = useState(() => new Speaker(bridge));
  useEffect(() => bridge.subscribe(speaker.hear), [bridge, speaker]);
  useDisplay(display);
  return (
    <I18nProvider locale={display.language === 'zh' ? 'zh-CN' : 'en-GB'}>
      <SurroundingsProvider bridge={bridge} clock={clock} now={store.now}>
        {bridge.developmentRuntime && <Ribbon />}
        {terminal?.health.is === 'out-of-service' ? (
          <OutOfService terminal={terminal} why={terminal.health.why} />
        ) : terminal && visit ? (
          <LowReach value={display.reach === 'low'}>
            <Frame
              picture={picture}
              terminal={terminal}
              visit={visit}
              speaker={speaker}
              screen={screenKey(picture.wipes, visit.step)}
            >
              <Screen
                key={screenKey(picture.wipes, visit.step)}
                terminal={terminal}
                size={display.mode}
                step={visit.step}
                help={visit.help}
              />
            </Frame>
          </LowReach>
        ) : (
          <Starting terminal={terminal} />
        )}
        {terminal && <AlertOver terminal={terminal} visit={visit} />}
      </SurroundingsProvider>
    </I18nProvider>
  );
}

/** A new key lays the screen anew, so that no answer of one step or one person reaches the next. */
function screenKey(wipes: number, step: { readonly at: string; readonly step?: number }): string {
  return [wipes, step.at, step.step ?? ''].join(' ');
}

function useDisplay({ language, mode, theme, reach, hand, speech }: Display): void {
  useEffect(() => {
    const root = document.documentElement;
    root.lang = language === 'zh' ? 'zh-CN' : 'en';
    root.dataset['mode'] = mode;
    root.dataset['theme'] = theme;
    root.dataset['reach'] = reach;
    root.dataset['hand'] = hand;
    root.dataset['speech'] = speech;
    speak(language);
  }, [language, mode, theme, reach, hand, speech]);
}
