import { join } from 'node:path';
import { BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent, type Rectangle, type Session } from 'electron';
import type { ScreenEvent } from '#contract/calls.ts';
import type { Configuration } from '#contract/configuration.ts';
import { Backoff } from './backoff.ts';
import { EVENT, FACTS_SWITCH, type Facts } from './channels.ts';
import { forget } from './lockdown.ts';
import type { Log } from './log.ts';
import { maySpeak, PAGE } from './policy.ts';

/** The page's ground, so that a window without a page yet is no hole. */
const GROUND = '#faf8f2';
/** How long a fresh page may take before it is shown as it is: what a wiped page held is gone within two seconds (R25). */
const REVEAL_MS = 1_500;
/** A page that has not asked for its snapshots by now will not. */
const SILENT_MS = 30_000;

export interface ScreensOptions {
  readonly screen: Configuration['screen'];
  readonly developmentRuntime: boolean;
  readonly session: Session;
  readonly log: Log;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  /** Somebody closed the ordinary window of a development terminal. */
  readonly onClosed: () => void;
}

interface Laid {
  readonly window: BrowserWindow;
  readonly since: number;
  readonly reveal: NodeJS.Timeout;
  readonly silent: NodeJS.Timeout;
  /** Windows that go when this one can be seen. */
  replaces: readonly BrowserWindow[];
  ready: boolean;
}

/**
 * The one page on the screen. A fresh page is a fresh window with a process of its own: the old one goes when the new one
 * can be seen, and everything that its heap held goes with it.
 */
export class Screens {
  readonly #options: ScreensOptions;
  readonly #backoff = new Backoff();
  #current: Laid | null = null;
  #retry: NodeJS.Timeout | null = null;

  constructor(options: ScreensOptions) {
    this.#options = options;
  }

  /** Puts a fresh page in place of the one on the screen. */
  lay(): void {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    const previous = this.#current;
    if (previous) this.#rest(previous);
    const replaces = previous ? [...previous.replaces, previous.window] : [];
    const window = this.#open(replaces.find((old) => !old.isDestroyed())?.getBounds() ?? null);
    const laid: Laid = {
      window,
      since: this.#options.now(),
      reveal: setTimeout(() => this.#reveal(laid), REVEAL_MS),
      silent: setTimeout(() => this.#replace(laid, 'silent'), SILENT_MS),
      replaces,
      ready: false,
    };
    this.#current = laid;
    // Whatever becomes of the fresh page.
    if (replaces.length > 0) setTimeout(() => this.#discard(replaces), REVEAL_MS);
    window.webContents.on('render-process-gone', (_event, { reason }) => this.#replace(laid, reason));
    window.webContents.on('unresponsive', () => this.#replace(laid, 'unresponsive'));
    window.on('close', (event) => {
      event.preventDefault();
      if (!this.#options.screen.kiosk) this.#options.onClosed();
    });
    window.on('closed', () => this.#replace(laid, 'closed'));
    window.loadURL(PAGE).catch(() => this.#replace(laid, 'not-loaded'));
  }

  /** Whether a message comes from the page on the screen and from nowhere else. */
  accepts({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean {
    return maySpeak({
      frame: senderFrame?.url ?? null,
      isMainFrame: senderFrame !== null && senderFrame === sender.mainFrame,
      isOnScreen: this.#current !== null && sender === this.#current.window.webContents,
    });
  }

  /** The page listens. */
  ready(): void {
    const laid = this.#current;
    if (!laid) return;
    laid.ready = true;
    clearTimeout(laid.silent);
  }

  /** The page has drawn itself: it is shown. */
  drawn(): void {
    if (this.#current) this.#reveal(this.#current);
  }

  get listens(): boolean {
    return this.#current?.ready ?? false;
  }

  /** Pushes an event to the page; a page that does not listen yet asks when it does. */
  send(event: ScreenEvent): void {
    if (this.#current?.ready) this.#current.window.webContents.send(EVENT, event);
  }

  /** Nothing is laid anew any more. */
  close(): void {
    if (this.#retry) clearTimeout(this.#retry);
    if (this.#current) this.#rest(this.#current);
    this.#current = null;
  }

  #open(bounds: Rectangle | null): BrowserWindow {
    const { screen, developmentRuntime, session } = this.#options;
    const { kiosk, widthMm, heightMm, widthPx, heightPx } = screen;
    const facts: Facts = { widthMm, heightMm, developmentRuntime };
    const place = bounds ?? { width: widthPx, height: heightPx, ...(kiosk ? { x: 0, y: 0 } : {}) };
    return new BrowserWindow({
      ...place,
      title: '一窗',
      show: false,
      frame: !kiosk,
      useContentSize: !kiosk && bounds === null,
      backgroundColor: GROUND,
      webPreferences: {
        session,
        preload: join(import.meta.dirname, 'preload.cjs'),
        additionalArguments: [`${FACTS_SWITCH}${JSON.stringify(facts)}`],
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        devTools: false,
        spellcheck: false,
        disableDialogs: true,
        navigateOnDragDrop: false,
        enableWebSQL: false,
        backgroundThrottling: false,
        autoplayPolicy: 'no-user-gesture-required',
      },
    });
  }

  #reveal(laid: Laid): void {
    clearTimeout(laid.reveal);
    if (laid !== this.#current || laid.window.isDestroyed()) return;
    // A window that is made as a kiosk shows itself at once, and empty.
    if (this.#options.screen.kiosk) laid.window.setKiosk(true);
    laid.window.show();
    this.#discard(laid.replaces);
    laid.replaces = [];
  }

  /** Ends pages that were replaced, and forgets what they left. */
  #discard(old: readonly BrowserWindow[]): void {
    const living = old.filter((window) => !window.isDestroyed());
    for (const window of living) window.destroy();
    if (living.length === 0) return;
    forget(this.#options.session).catch(() => this.#options.log('error', 'session-not-cleared'));
  }

  #replace(laid: Laid, why: string): void {
    if (laid !== this.#current || this.#retry) return;
    this.#rest(laid);
    laid.ready = false;
    const retryMs = this.#backoff.delay(this.#options.now() - laid.since);
    this.#options.log('error', 'page-lost', { why, retryMs });
    this.#retry = setTimeout(() => this.lay(), retryMs);
  }

  #rest(laid: Laid): void {
    clearTimeout(laid.reveal);
    clearTimeout(laid.silent);
  }
}
