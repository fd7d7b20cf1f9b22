// @vitest-environment jsdom

import { act } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { calls } from '#contract/calls.ts';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import { button, choose, prepareBrowser, press, Rendered, screen, sign, tick, turn, type } from './rendered.tsx';
import { check, consent, form, guide, home, identity, terminal } from './snapshots.ts';

prepareBrowser();

const heading = () => screen.getByRole('heading', { level: 1 }).textContent;

describe('before anybody is there', () => {
  it('shows that it starts until both snapshots are here', () => {
    const app = new Rendered();
    expect(heading()).toBe('正在启动，请稍等');
    app.terminal();
    expect(heading()).toBe('正在启动，请稍等');
    app.step({ at: 'attract' });
    expect(screen.getByText('测试里社区欢迎您')).toBeTruthy();
  });

  it('asks for both snapshots once', () => {
    const app = new Rendered();
    app.step({ at: 'attract' });
    expect(app.taken()).toEqual([]);
  });

  it('begins at a touch, and with the display that was touched first', () => {
    const app = new Rendered();
    app.step({ at: 'attract' });
    press('点屏幕，开始办理');
    press('大字');
    press('English');
    expect(app.taken()).toEqual([
      { name: 'visit.begin', input: { display: {} } },
      { name: 'visit.begin', input: { display: { mode: 'elder' } } },
      { name: 'visit.begin', input: { display: { language: 'en' } } },
    ]);
  });

  it('says in words why it is out of service, and whom to call', () => {
    const app = new Rendered();
    app.step(home);
    app.terminal({ ...terminal, health: { is: 'out-of-service', why: 'disk-full', detail: 'ENOSPC' } });
    expect(heading()).toBe('这台机器现在不能办');
    expect(screen.getByText('机器存满了，先不收新事。')).toBeTruthy();
    expect(screen.getByText('022-00000000')).toBeTruthy();
    expect(screen.queryByText(/ENOSPC/)).toBeNull();
    app.terminal();
    expect(heading()).toBe('正在启动，请稍等');
  });

  it('marks a development runtime', () => {
    const app = new Rendered(true);
    app.step({ at: 'attract' });
    expect(screen.getByText('开发运行环境，不用于终端')).toBeTruthy();
  });
});

describe('choosing', () => {
  it('chooses an item', () => {
    const app = new Rendered();
    app.step(home);
    press(/社区居住证明/);
    expect(app.taken()).toEqual([{ name: 'visit.chooseItem', input: { item: 'residence-certificate' } }]);
  });

  it('shows no group without items', () => {
    const app = new Rendered();
    const empty = {
      id: 'services',
      title: { zh: '找服务', en: 'Services' },
      summary: { zh: '助餐', en: 'Meals' },
      icon: 'services',
    };
    app.step({ ...home, groups: [...home.groups, empty] });
    expect(screen.queryByText('找服务')).toBeNull();
  });

  it('tells all materials at once and starts', () => {
    const app = new Rendered();
    app.step(guide);
    for (const material of guide.item.materials) expect(screen.getByText(material.name.zh)).toBeTruthy();
    press('开始办理');
    expect(app.taken()).toEqual([{ name: 'visit.start', input: {} }]);
  });

  it('offers no start for what cannot be done now, and says what to do instead', () => {
    const app = new Rendered();
    app.step({ ...guide, item: { ...guide.item, unavailable: 'reader-away' } });
    expect(screen.queryByRole('button', { name: '开始办理' })).toBeNull();
    expect(screen.getByText(/到窗口|在窗口给您办/)).toBeTruthy();
  });
});

describe('consent', () => {
  it('waits for both ticks', () => {
    const app = new Rendered();
    app.step(consent);
    tick('我知道了，同意使用这些信息');
    press('同意，往下办');
    expect(app.taken()).toEqual([]);
    tick(/我单独同意使用/);
    press('同意，往下办');
    expect(app.taken()).toEqual([{ name: 'visit.consent', input: {} }]);
  });

  it('can be refused at once', () => {
    const app = new Rendered();
    app.step(consent);
    press('不同意，不办了');
    expect(app.taken()).toEqual([{ name: 'visit.refuseConsent', input: {} }]);
  });

  it('forgets its ticks with the next person', () => {
    const app = new Rendered();
    app.step(consent);
    tick('我知道了，同意使用这些信息');
    app.push({ event: 'wiped' });
    expect(screen.getAllByRole<HTMLInputElement>('checkbox').some((box) => box.checked)).toBe(false);
  });
});

describe('identity', () => {
  it('says what the reader does', () => {
    const app = new Rendered();
    app.step(identity({ state: 'ready' }));
    expect(screen.getByText('正在等您的身份证……')).toBeTruthy();
    app.step(identity({ state: 'unreadable', why: 'read-failed' }));
    expect(screen.getByText('没读出来，不怪您。')).toBeTruthy();
    app.step(identity({ state: 'card' }, { refused: 'expired' }));
    expect(screen.getByText('这张证件过了有效期。')).toBeTruthy();
  });

  it('offers the way by a worker when the card stays away, and shows the call', () => {
    const app = new Rendered();
    app.step(identity({ state: 'ready' }));
    expect(screen.queryByRole('button', { name: /请工作人员看一下证件/ })).toBeNull();
    app.step(identity({ state: 'ready' }, { otherWays: true }));
    press(/请工作人员看一下证件/);
    expect(app.taken()).toEqual([{ name: 'help.call', input: {} }]);
    const help = { state: 'called', openNow: false, opens: '09:00', phone: '022-00000000' } as const;
    app.step(identity({ state: 'ready' }, { otherWays: true }), { help });
    expect(screen.getByText('现在没有人值班，09:00上班。')).toBeTruthy();
  });
});

describe('the form', () => {
  it('writes a phone number with the pad and sends only what was asked', () => {
    const app = new Rendered();
    app.step(form(1));
    expect(screen.getByText('120103********0007')).toBeTruthy();
    type('13800001235');
    press('退格');
    type('4');
    press('下一步');
    expect(app.taken()).toEqual([{ name: 'visit.answer', input: { step: 1, values: { phone: '13800001234' } } }]);
  });

  it('takes no more digits than the field has', () => {
    const app = new Rendered();
    app.step(form(2, { residence: 'other' }));
    act(() => screen.getByRole('textbox', { name: /^楼号/ }).focus());
    type('1234');
    expect(button('5')).toHaveProperty('disabled', true);
    expect(app.taken()).toEqual([]);
  });

  it('asks for the address only of those who live elsewhere, and leaves hidden answers out', () => {
    const app = new Rendered();
    app.step(form(2, { estate: 'ceshili', building: '12' }));
    expect(screen.queryByRole('textbox', { name: /楼号/ })).toBeNull();
    choose('住在本社区的其他地址');
    expect(screen.getByRole('textbox', { name: /楼号/ })).toBeTruthy();
    choose('就住在证件上的地址');
    press('下一步');
    expect(app.taken()).toEqual([{ name: 'visit.answer', input: { step: 2, values: { residence: 'as-on-card' } } }]);
  });

  it('shows a problem in words beside the field until the answer changes', () => {
    const app = new Rendered();
    app.step({ ...form(1, { phone: '1380000' }), problems: { phone: 'not-a-phone' } });
    const field = screen.getByRole('textbox', { name: /联系电话/ });
    const words = '电话好像不对，请数一数是不是少了一位。';
    expect(screen.getByText(words)).toBeTruthy();
    expect(field.getAttribute('aria-invalid')).toBe('true');
    type('1');
    expect(screen.queryByText(words)).toBeNull();
  });

  it('picks a month by year and month', () => {
    const app = new Rendered();
    app.step(form(3, { tenure: 'owned', purpose: 'school' }));
    press(/从什么时候住到现在/);
    press('更早的年份');
    press('更近的年份');
    press('2008年');
    press('4月');
    expect(button(/从什么时候住到现在/).textContent).toContain('2008年4月');
    press('下一步');
    expect(app.taken()).toEqual([
      { name: 'visit.answer', input: { step: 3, values: { since: '2008-04', tenure: 'owned', purpose: 'school' } } },
    ]);
  });

  it('offers no month after today', () => {
    const app = new Rendered();
    app.step(form(3));
    press(/从什么时候住到现在/);
    press('2026年');
    expect(button('11月')).toHaveProperty('disabled', false);
    expect(button('12月')).toHaveProperty('disabled', true);
    expect(app.taken()).toEqual([]);
  });

  it('keeps unsent answers when the letters or the colours change', () => {
    const app = new Rendered();
    app.step(form(1));
    type('138');
    app.step(form(1), { display: { ...STANDARD_DISPLAY, mode: 'elder', theme: 'dark' } });
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: /联系电话/ }).value).toBe('138');
  });
});

describe.each(['portrait', 'landscape'] as const)('check and sign (%s)', (way) => {
  it('submits only what was signed', () => {
    turn(way);
    const app = new Rendered();
    app.step(check);
    for (const row of check.rows) expect(screen.getAllByText(row.value.zh).length).toBeGreaterThan(0);
    press('提交');
    expect(app.taken()).toEqual([]);
    sign();
    press('提交');
    const [call, ...more] = app.taken();
    expect(more).toEqual([]);
    expect(call).toMatchObject({ name: 'visit.submit', input: { signature: { height: 360 } } });
    const { signature } = calls['visit.submit'].parse(call?.input);
    expect(signature.strokes).toHaveLength(1);
    expect(signature.strokes[0]?.slice(0, 2)).toEqual([100, 100]);
    turn('portrait');
  });

  it('signs again from an empty pad, and goes back to change', () => {
    turn(way);
    const app = new Rendered();
    app.step(check);
    sign();
    press('重签');
    press('提交');
    expect(app.taken()).toEqual([]);
    press('去修改');
    expect(app.taken()).toEqual([{ name: 'visit.edit', input: {} }]);
    turn('portrait');
  });

  it('says that nothing is lost when it could not be saved', () => {
    turn(way);
    const app = new Rendered();
    app.step({ ...check, problem: 'store-failed' });
    expect(screen.getAllByText('没有存上，还没收下。')).not.toEqual([]);
    turn('portrait');
  });
});
