// @vitest-environment jsdom

import { act, fireEvent } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import type { Step } from '#contract/visit.ts';
import { button, prepareBrowser, press, Rendered, screen, type } from './rendered.tsx';
import { check, consent, done, form, guide, home, identity } from './snapshots.ts';

prepareBrowser();

describe('the bar', () => {
  it('goes through the letters and the languages', () => {
    const app = new Rendered();
    app.step(home);
    press('大字');
    press('English');
    app.step(home, { display: { ...STANDARD_DISPLAY, language: 'en', mode: 'large' } });
    press('Usual text');
    press('中文');
    expect(app.taken()).toEqual([
      { name: 'visit.display', input: { mode: 'elder' } },
      { name: 'visit.display', input: { language: 'en' } },
      { name: 'visit.display', input: { mode: 'standard' } },
      { name: 'visit.display', input: { language: 'zh' } },
    ]);
    app.step(home, { display: STANDARD_DISPLAY });
    expect(document.documentElement.lang).toBe('zh-CN');
  });

  it('opens the choices of colours, reach and hand, which show at once', () => {
    const app = new Rendered();
    app.step(home, { display: { ...STANDARD_DISPLAY, theme: 'dark', reach: 'low', hand: 'left' } });
    const { theme, reach, hand } = document.documentElement.dataset;
    expect([theme, reach, hand]).toEqual(['dark', 'low', 'left']);
    press('显示设置');
    for (const name of ['黑白分明', '一般', '右手'])
      fireEvent.click(screen.getAllByRole('radio', { name }).at(-1) as Element);
    press('好了');
    expect(app.taken()).toEqual([
      { name: 'visit.display', input: { theme: 'contrast' } },
      { name: 'visit.display', input: { reach: 'full' } },
      { name: 'visit.display', input: { hand: 'right' } },
    ]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('begins a visit with the choices', () => {
    const app = new Rendered();
    app.step({ at: 'attract' });
    press('显示设置');
    expect(app.taken()).toEqual([{ name: 'visit.begin', input: { display: {} } }]);
    expect(screen.getByRole('dialog')).toBeTruthy();
  });

  it('offers larger letters, and takes either answer', () => {
    const app = new Rendered();
    app.step(form(1), { offer: 'large-letters' });
    press('不用');
    press('要大字');
    expect(app.taken()).toEqual([
      { name: 'visit.keepLetters', input: {} },
      { name: 'visit.display', input: { mode: 'elder' } },
    ]);
    app.step(form(1));
    expect(screen.queryByText(/字要大一些吗/)).toBeNull();
  });

  it.each([guide, consent, identity({ state: 'ready' }), form(2), check])('goes back from $at', (step) => {
    const app = new Rendered();
    app.step(step);
    press('返回');
    expect(app.taken()).toEqual([{ name: 'visit.back', input: {} }]);
  });

  it.each<Step>([home, done(), { at: 'ended' }])('leaves out the way back where there is none ($at)', (step) => {
    new Rendered().step(step);
    expect(screen.queryByRole('button', { name: '返回' })).toBeNull();
  });

  it('ends only after a question, and wipes what was not sent', () => {
    const app = new Rendered();
    app.step(form(1));
    press('结束办理');
    press('继续办理');
    expect(app.taken()).toEqual([]);
    press('结束办理');
    press('结束并清除');
    expect(app.taken()).toEqual([{ name: 'visit.end', input: {} }]);
  });

  it('leads an accepted case to card and papers', () => {
    const app = new Rendered();
    app.step(done());
    press('结束办理');
    press('结束，去取东西');
    expect(app.taken()).toEqual([{ name: 'visit.leave', input: {} }]);
  });

  it('calls for help once and then shows what became of it', () => {
    const app = new Rendered();
    app.step(home);
    press('叫人帮忙');
    expect(app.taken()).toEqual([{ name: 'help.call', input: {} }]);
    app.step(home, { help: { state: 'called', openNow: false, opens: '09:00', phone: '022-00000000' } });
    expect(screen.getByText('现在没有人值班，09:00上班。')).toBeTruthy();
    press('知道了');
    press('已留言');
    app.step(home, { help: { state: 'seen', worker: '李明' } });
    expect(screen.getByText('李明知道了，正在过来。')).toBeTruthy();
    expect(app.taken()).toEqual([]);
  });

  it('says so when a call was not taken, but not when it only came twice', async () => {
    const app = new Rendered();
    app.step(home);
    app.answer = { ok: false, error: { code: 'not-now' } };
    press('大字');
    await act(async () => undefined);
    expect(screen.queryByText('刚才没办成，请再点一次。')).toBeNull();
    app.answer = { ok: false, error: { code: 'failed' } };
    press('大字');
    expect(await screen.findByText('刚才没办成，请再点一次。')).toBeTruthy();
  });
});

describe('snapshots', () => {
  it('are not overtaken by a late one', () => {
    const app = new Rendered();
    app.step(home);
    app.step(guide);
    app.push({
      event: 'visit',
      visit: {
        revision: 1,
        display: STANDARD_DISPLAY,
        offer: 'none',
        deadline: null,
        help: { state: 'none' },
        alert: null,
        step: home,
      },
    });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('社区居住证明');
  });
});

describe('sounds', () => {
  it('have a visible pair', () => {
    const app = new Rendered();
    app.step(home);
    app.push({ event: 'sound', sound: 'left-behind' });
    expect(screen.getByText('提示音：有证件忘在读卡区了。')).toBeTruthy();
    app.push({ event: 'wiped' });
    expect(screen.queryByText('提示音：有证件忘在读卡区了。')).toBeNull();
  });
});

describe('time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const warning = { phase: 'warning', leftMs: 20_000, totalMs: 30_000, extensionsLeft: 3 } as const;

  it('counts down in sight and is extended by a touch', () => {
    const app = new Rendered();
    app.step(form(1), { deadline: warning });
    expect(screen.getByRole('timer').textContent).toBe('还有20秒');
    app.now = 7500;
    act(() => void vi.advanceTimersByTime(300));
    expect(screen.getByRole('timer').textContent).toBe('还有13秒');
    press('继续办理');
    expect(app.taken()).toEqual([{ name: 'visit.extend', input: {} }]);
    app.step(form(1), { deadline: { ...warning, phase: 'running' } });
    expect(screen.queryByRole('timer')).toBeNull();
  });

  it('never counts below none and leaves the end to the service', () => {
    const app = new Rendered();
    app.step(form(1), { deadline: warning });
    app.now = 60_000;
    act(() => void vi.advanceTimersByTime(300));
    expect(screen.getByRole('timer').textContent).toBe('还有0秒');
    expect(app.taken()).toEqual([]);
  });

  it('offers no extension that is not there', () => {
    new Rendered().step(form(1), { deadline: { ...warning, extensionsLeft: 0 } });
    expect(screen.queryByRole('button', { name: '继续办理' })).toBeNull();
    expect(button('不办了')).toBeTruthy();
  });

  it('knows that somebody who writes is there, and says so now and then', () => {
    const app = new Rendered();
    app.now = 100_000;
    app.step(form(1), { deadline: { ...warning, phase: 'running' } });
    const touches = () => app.calls.filter(({ name }) => name === 'visit.touch').length;
    fireEvent.pointerUp(document.body);
    fireEvent.pointerUp(document.body);
    expect(touches()).toBe(1);
    app.now += 10_000;
    fireEvent.pointerUp(document.body);
    expect(touches()).toBe(2);
    type('1');
    expect(app.taken()).toEqual([]);
  });
});
