import './ui/tokens.css';
import './ui/base.css';
import { flushSync } from 'react-dom';
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
const page = createRoot(root);
flushSync(() => page.render(<App bridge={window.yichuang} store={store} clock={() => new Date()} />));
// When the second frame begins, the first has been laid out and painted.
requestAnimationFrame(() => requestAnimationFrame(() => window.yichuang.drawn()));
