import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeAll, vi } from 'vitest';
import type { Bridge, CallAnswer, CallInput, CallName, ScreenEvent } from '#contract/calls.ts';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import type { Step, VisitSnapshot } from '#contract/visit.ts';
import { App } from '#renderer/app/App.tsx';
import { ScreenStore } from '#renderer/app/store.ts';
import { startWords } from '#renderer/i18n/words.ts';
import { moment, terminal, visitAt } from './snapshots.ts';

/** What jsdom has not: a layout to watch. Screens are upright unless a test turns them. */
export function prepareBrowser(): void {
  beforeAll(async () => {
    vi.stubGlobal('ResizeObserver', NoResize);
    turn('portrait');
    Element.prototype.scrollIntoView = () => undefined;
    await startWords();
  });
  afterEach(cleanup);
}

class NoResize {
  observe(): void {
    // Nothing is ever resized here.
  }
  disconnect(): void {
    // Nothing was watched.
  }
}

export function turn(to: 'portrait' | 'landscape'): void {
  const listeners = { addEventListener: () => undefined, removeEventListener: () => undefined };
  vi.stubGlobal('matchMedia', () => ({ matches: to === 'landscape', ...listeners }));
}

interface Call {
  readonly name: CallName;
  readonly input: unknown;
}

/** The whole application on a bridge that a test holds in its hands. */
export class Rendered {
  readonly calls: Call[] = [];
  /** What every call is answered. */
  answer: CallAnswer = { ok: true };
  /** The screen's clock, in milliseconds. */
  now = 0;
  #revision = 0;
  readonly #listeners = new Set<(event: ScreenEvent) => void>();

  constructor(developmentRuntime = false) {
    const bridge: Bridge = {
      call: <N extends CallName>(name: N, input: CallInput<N>) => {
        this.calls.push({ name, input });
        return Promise.resolve(this.answer);
      },
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      drawn: () => undefined,
      screen: { widthMm: 336, heightMm: 597 },
      developmentRuntime,
    };
    const store = new ScreenStore(bridge, () => this.now);
    render(<App bridge={bridge} store={store} clock={() => moment} />);
    this.calls.length = 0;
  }

  push(event: ScreenEvent): void {
    act(() => {
      for (const listener of this.#listeners) listener(event);
    });
  }

  terminal(snapshot: TerminalSnapshot = terminal): void {
    this.push({ event: 'terminal', terminal: snapshot });
  }

  /** Shows a step on a terminal that is well. */
  step(step: Step, more: Partial<Omit<VisitSnapshot, 'step' | 'revision'>> = {}): void {
    this.terminal();
    this.#revision += 1;
    this.push({ event: 'visit', visit: { ...visitAt(step, more), revision: this.#revision } });
  }

  /** The calls since the last look, without the sign of presence that touches leave. */
  taken(): readonly Call[] {
    const calls = this.calls.filter(({ name }) => name !== 'visit.touch');
    this.calls.length = 0;
    return calls;
  }
}

export function button(name: string | RegExp): HTMLElement {
  return screen.getByRole('button', { name });
}

/** Touches a control as assistive technology and keyboards do. */
export function press(name: string | RegExp): void {
  touch(button(name));
}

export function touch(element: HTMLElement): void {
  act(() => {
    fireEvent.click(element);
  });
}

/** A picture that the page can't draw. */
export function fails(picture: HTMLElement): void {
  act(() => {
    fireEvent.error(picture);
  });
}

export function tick(name: string | RegExp): void {
  touch(screen.getByRole('checkbox', { name }));
}

export function choose(name: string | RegExp): void {
  touch(screen.getByRole('radio', { name }));
}

/** Types digits on the number pad. */
export function type(digits: string): void {
  const pad = within(screen.getByRole('group', { name: /键盘/ }));
  for (const digit of digits) touch(pad.getByRole('button', { name: digit }));
}

/** Draws a line on the signature pad. */
export function sign(points = 12): void {
  const pad = screen.getByRole('img', { name: '签名板' });
  Object.assign(pad, { setPointerCapture: () => undefined });
  pad.getBoundingClientRect = () => new DOMRect(0, 0, 1000, 360);
  fireEvent.pointerDown(pad, { pointerId: 1, clientX: 100, clientY: 100 });
  for (let point = 1; point < points; point += 1) {
    fireEvent.pointerMove(pad, { pointerId: 1, clientX: 100 + 20 * point, clientY: 100 + (point % 2) * 30 });
  }
  fireEvent.pointerUp(pad, { pointerId: 1 });
}

export { screen, within };
