// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { button, prepareBrowser, press, Rendered, screen, type as types } from './rendered.tsx';
import { alerted, floodAlert, form, home } from './snapshots.ts';

prepareBrowser();

/** A terminal with an alert, and a visit that it covers or not. */
function shown(level: 'yellow' | 'red', step: Parameters<Rendered['step']>[0], alert: string | null): Rendered {
  const app = new Rendered();
  app.step(step, { alert });
  app.terminal(alerted(level));
  return app;
}

describe('a grave alert', () => {
  it('covers the form until it is read; what was typed is still there, and a banner stays', () => {
    const app = new Rendered();
    app.step(form(1));
    types('1380');
    app.step(form(1), { alert: floodAlert });
    app.terminal(alerted('red'));
    const cover = screen.getByRole('alertdialog');
    for (const words of ['红色预警', '留在楼上', '119']) expect(cover.textContent).toContain(words);
    app.taken();
    press('我知道了');
    expect(app.taken()).toEqual([{ name: 'visit.readAlert', input: { alert: floodAlert } }]);
    app.step(form(1));
    app.terminal(alerted('red'));
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(screen.getByText('红色预警').isConnected).toBe(true);
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: /联系电话/ }).value).toBe('1380');
  });

  it('begins the visit of whoever reads it where nobody was', () => {
    const app = shown('red', { at: 'attract' }, floodAlert);
    press('我知道了');
    expect(app.taken()).toEqual([
      { name: 'visit.begin', input: { display: {} } },
      { name: 'visit.readAlert', input: { alert: floodAlert } },
    ]);
  });

  it('stays over a terminal that is out of service', () => {
    const app = new Rendered();
    app.terminal({ ...alerted('red'), health: { is: 'out-of-service', why: 'disk-full', detail: '' } });
    expect(screen.getByRole('alertdialog').textContent).toContain('红色预警');
    expect(screen.queryByRole('button', { name: '我知道了' })).toBeNull();
  });
});

describe('a lesser alert', () => {
  it('is a banner, and the screen goes on', () => {
    shown('yellow', home, null);
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(screen.getByText('黄色预警').isConnected).toBe(true);
    expect(button('结束办理').isConnected).toBe(true);
  });

  it('of a flood invites nobody, in service or out of it', () => {
    const app = shown('yellow', { at: 'attract' }, null);
    expect(document.body.textContent).toContain('请先不要出门');
    expect(document.body.textContent).not.toMatch(/欢迎|有人值班|服务中心/);
    app.step(home);
    app.terminal(alerted('yellow'));
    press('叫人帮忙');
    expect(document.body.textContent).toContain('022-00000000');
    expect(document.body.textContent).not.toMatch(/有人值班|服务中心/);
    app.terminal({ ...alerted('yellow'), health: { is: 'out-of-service', why: 'disk-full', detail: '' } });
    expect(document.body.textContent).not.toContain('窗口可以办');
  });
});
