// @vitest-environment jsdom

import { act, fireEvent } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import type { Step } from '#contract/visit.ts';
import { prepareBrowser, press, Rendered, screen, tick, type } from './rendered.tsx';
import { check, consent, done, form, home, identity } from './snapshots.ts';

prepareBrowser();
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const on = { display: { ...STANDARD_DISPLAY, speech: 'on' } } as const;
const english = { display: { ...STANDARD_DISPLAY, language: 'en', speech: 'on' } } as const;

/** A terminal that makes no sound, so that the words go by in their own time. */
class Heard extends Rendered {
  #told = 0;

  /** What is asked to be said from now on, until it is still. */
  async hears(): Promise<string> {
    const said: string[] = [];
    for (let still = 0; still < 3; ) {
      const asked = this.calls.filter(({ name }) => name === 'speech.say').slice(this.#told);
      this.#told += asked.length;
      still = asked.length === 0 ? still + 1 : 0;
      for (const { input } of asked) said.push((input as { words: string }).words);
      const { id } = (this.calls.findLast(({ name }) => name === 'speech.say')?.input ?? { id: 0 }) as { id: number };
      this.push({ event: 'speech', id, sound: null });
      await act(() => vi.advanceTimersByTimeAsync(20_000));
    }
    return said.join(' ');
  }

  /** Lets go of what was said so far. */
  async listens(step: Step, more: Parameters<Rendered['step']>[1] = on): Promise<void> {
    this.step(step, more);
    await this.hears();
  }
}

function key(code: string): void {
  act(() => void fireEvent.keyDown(document.body, { code, key: code }));
}

function focus(element: HTMLElement): void {
  act(() => element.focus());
}

describe('reading aloud', () => {
  it('is off until somebody asks, by the bar, a key or a headset, also on the page that invites', () => {
    const app = new Heard();
    app.step(home);
    expect(app.taken()).toEqual([]);
    press('朗读');
    key('F2');
    app.step({ at: 'attract' });
    press('朗读');
    key('F15');
    const speech = 'on';
    expect(app.taken()).toEqual([
      { name: 'visit.display', input: { speech } },
      { name: 'visit.display', input: { speech } },
      { name: 'visit.begin', input: { display: { speech } } },
      { name: 'visit.begin', input: { display: { speech } } },
    ]);
  });

  it('says no key of the pad on which a worker enters a PIN', async () => {
    const app = new Heard();
    await app.listens(done({ worker: { at: 'signing-in', problem: null, lockedForMs: 0 } }));
    for (const digit of ['7', '3']) focus(screen.getByRole('button', { name: digit }));
    expect(await app.hears()).toBe('');
  });

  it('says how to go on, and the screen from its title to what can be done', async () => {
    const app = new Heard();
    app.step(home);
    app.step(home, on);
    const heard = await app.hears();
    expect(heard).toMatch(/^开始朗读。按跳格键到下一项，按回车键选定。您要办什么？ 点一下要办的事/);
    expect(heard).toContain('社区居住证明');
    expect(heard).toContain('按钮');
    app.step(identity({ state: 'ready' }), on);
    expect(await app.hears()).toMatch(/请把身份证平放在亮灯处，读完再拿开。.*正在等您的身份证……/);
  });

  it('speaks the language that is shown', async () => {
    const app = new Heard();
    app.step(home, { display: { ...english.display, speech: 'off' } });
    app.step(home, english);
    expect(await app.hears()).toMatch(/^Reading aloud\. Press Tab .* What would you like to do\?/);
    const languages = app.calls.flatMap(({ input }) => (input as { language?: string }).language ?? []);
    expect(new Set(languages)).toEqual(new Set(['en']));
  });

  it('is silent and asks for nothing when it is off', async () => {
    const app = new Heard();
    await app.listens(home);
    app.step(consent);
    expect(await app.hears()).toBe('');
    expect(screen.queryByRole('region', { name: '朗读' })).toBeNull();
  });
});

describe('a control', () => {
  it('is told by name, kind and state when the focus comes, and again when its state changes', async () => {
    const app = new Heard();
    await app.listens(consent);
    focus(screen.getByRole('checkbox', { name: /我知道了/ }));
    expect(await app.hears()).toBe('我知道了，同意使用这些信息，勾选框，未选');
    tick(/我知道了/);
    expect(await app.hears()).toMatch(/^已选/);
  });

  it('is told with its question, and with what is wrong', async () => {
    const app = new Heard();
    await app.listens({ ...form(2, { residence: 'other' }), problems: { estate: 'required' } });
    const { activeElement } = document;
    expect(activeElement?.getAttribute('type')).toBe('radio');
    focus(screen.getByRole('button', { name: '下一步' }));
    await app.hears();
    focus(activeElement as HTMLElement);
    expect(await app.hears()).toMatch(/小区.*，单选，未选，这一项还没有填。/);
  });

  it('that is written tells each character', async () => {
    const app = new Heard();
    await app.listens(form(1));
    type('138');
    expect(await app.hears()).toMatch(/1 3 8$/);
    act(() => void fireEvent.change(screen.getByRole('textbox')));
    expect(await app.hears()).toBe('');
  });

  it('is told while it can’t be pressed, with the reason', async () => {
    const app = new Heard();
    app.step(consent, on);
    expect(await app.hears()).toContain('同意，往下办，按钮，现在不能点，两项都打上勾');
  });
});

describe('what comes by itself', () => {
  it('is said: a sheet, a sound’s words, a state that changes', async () => {
    const app = new Heard();
    await app.listens(identity({ state: 'ready' }));
    app.step(identity({ state: 'reading' }), on);
    expect(await app.hears()).toContain('正在读，请别拿开。');
    app.push({ event: 'sound', sound: 'attention' });
    expect(await app.hears()).toContain('提示音：正在请工作人员过来。');
    app.step(identity({ state: 'ready' }), {
      ...on,
      deadline: { phase: 'warning', leftMs: 60_000, totalMs: 60_000, extensionsLeft: 3 },
    });
    expect(await app.hears()).toMatch(/您还在吗？.*继续办理，按钮/);
  });
});

describe('the keys', () => {
  it('repeat, stop, turn up and down', async () => {
    const app = new Heard();
    app.step(home, on);
    const first = await app.hears();
    key('F7');
    expect(await app.hears()).toBe('音量5');
    key('F7');
    key('F6');
    expect(await app.hears()).toBe('音量5 音量4');
    key('F3');
    expect(await app.hears()).toBe(first);
    key('F3');
    key('F4');
    expect(screen.getByRole('region', { name: '朗读' }).querySelector('p')?.textContent).toBe('');
    app.taken();
    key('F16');
    expect(app.taken()).toEqual([{ name: 'visit.display', input: { speech: 'off' } }]);
  });

  it('hide the screen, over a sheet too, until a touch or the key shows it', async () => {
    const app = new Heard();
    await app.listens(done());
    press('结束办理');
    await app.hears();
    key('F8');
    expect(await app.hears()).toBe('屏幕遮住了，别人看不到。');
    const curtain = screen.getByText('点一下，屏幕就露出来');
    expect(curtain.closest('[inert], [aria-hidden="true"]')).toBeNull();
    act(() => curtain.click());
    expect(screen.queryByText('点一下，屏幕就露出来')).toBeNull();
    expect(screen.getByRole('alertdialog')).toBeTruthy();
  });

  it('sign, for whoever can’t with a finger', async () => {
    const app = new Heard();
    await app.listens(check);
    const pad = screen.getByRole('button', { name: '签名板' });
    act(() => pad.focus());
    expect(await app.hears()).toBe('签名板，按钮，也可以按方向键，画几笔。');
    for (const arrow of ['ArrowUp', 'ArrowRight', 'ArrowDown', 'ArrowRight', 'ArrowUp', 'ArrowLeft']) {
      act(() => void fireEvent.keyDown(pad, { key: arrow }));
    }
    expect(await app.hears()).toContain('签好了，可以提交。');
    app.taken();
    press('提交');
    expect(app.taken()[0]?.name).toBe('visit.submit');
  });
});

describe('without a sound', () => {
  it('the words go on as captions, and a service that never answers holds nothing up', async () => {
    const app = new Heard();
    app.answer = { ok: false, error: { code: 'not-now' } };
    app.step(home, on);
    const caption = () => screen.getByRole('region', { name: '朗读' }).querySelector('p')?.textContent ?? '';
    const seen = new Set<string>();
    for (let step = 0; step < 400; step += 1) {
      seen.add(caption());
      await act(() => vi.advanceTimersByTimeAsync(500));
    }
    expect([...seen].join('')).toContain('您要办什么？');
    expect([...seen].join('')).toContain('社区居住证明');
    expect(caption()).toBe('');
  });
});
