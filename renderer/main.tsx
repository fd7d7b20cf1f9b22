import './ui/tokens.css';
import './ui/base.css';
import { createRoot } from 'react-dom/client';
import type { Bridge } from '#contract/calls.ts';
import { App } from './app/App.tsx';
import { fitMillimetres } from './app/millimetres.ts';
import { ScreenStore } from './app/store.ts';
import { startWords } from './i18n/words.ts';

declare global {
  interface Window {
    readonly yichuang: Bridge;
  }
}

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
fitMillimetres(window, window.yichuang.screen.widthMm);
const store = new ScreenStore(window.yichuang, () => performance.now());
// A service that is up answers within a blink; drawing the page of waiting first would only hold up its picture.
await Promise.all([startWords(), store.settled(400)]);
createRoot(root).render(<App bridge={window.yichuang} store={store} clock={() => new Date()} />);
