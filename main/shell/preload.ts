import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge, CallAnswer, ScreenEvent } from '#contract/calls.ts';
import { CALL, DRAWN, EVENT, FACTS_SWITCH, type Facts } from './channels.ts';

const given = process.argv.find((argument) => argument.startsWith(FACTS_SWITCH));
if (given === undefined) throw new Error('the shell did not say which screen this is');
const { widthMm, heightMm, developmentRuntime } = JSON.parse(given.slice(FACTS_SWITCH.length)) as Facts;

const listeners = new Set<(event: ScreenEvent) => void>();
ipcRenderer.on(EVENT, (_event, event: ScreenEvent) => {
  for (const listener of listeners) listener(event);
});

const bridge: Bridge = {
  call: (name, input): Promise<CallAnswer> => ipcRenderer.invoke(CALL, name, input),
  subscribe(listener) {
    // The same function may be given twice; each subscription ends on its own.
    const own = (event: ScreenEvent): void => listener(event);
    listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  },
  drawn: () => ipcRenderer.send(DRAWN),
  screen: { widthMm, heightMm },
  developmentRuntime,
};

contextBridge.exposeInMainWorld('yichuang', bridge);
