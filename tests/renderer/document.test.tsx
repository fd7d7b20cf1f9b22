// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import type { DocumentView } from '#contract/visit.ts';
import { button, prepareBrowser, press, Rendered, screen, tick, within } from './rendered.tsx';
import { comparing, entering, identity } from './snapshots.ts';

prepareBrowser();

const called = { state: 'called', openNow: true, opens: '09:00', phone: '022-00000000' } as const;
const passport = ['P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<', 'L898902C36UTO7408122F3204153ZE184226B<<<<<16'];

function shown(worker: DocumentView): Rendered {
  const app = new Rendered();
  app.step(identity({ state: 'ready' }, { otherWays: true, worker }), { help: called });
  return app;
}

describe('a worker who was called to a document', () => {
  it('has a way in, and only where one was called', () => {
    const app = new Rendered();
    app.step(identity({ state: 'ready' }, { otherWays: true }));
    expect(screen.queryByRole('button', { name: '我是工作人员' })).toBeNull();
    app.step(identity({ state: 'ready' }, { otherWays: true }), { help: called });
    press('我是工作人员');
    expect(app.taken()).toEqual([{ name: 'worker.arrive', input: {} }]);
  });

  it('who has left can come again, or another one be called', () => {
    const app = new Rendered();
    app.step(identity({ state: 'ready' }, { otherWays: true }), { help: { state: 'seen', worker: '李明' } });
    press('我是工作人员');
    press(/请工作人员看一下证件/);
    expect(app.taken().map(({ name }) => name)).toEqual(['worker.arrive', 'help.call']);
  });

  it('signs in with the PIN', () => {
    shown({ at: 'signing-in', problem: 'pin-wrong', lockedForMs: 0 });
    expect(screen.getByText('密码不对，请再输一次。')).toBeTruthy();
  });
});

describe('the zone', () => {
  it('is typed key by key, in the layout that is chosen', () => {
    const app = shown(entering);
    const pad = within(screen.getByRole('group', { name: '机读码键盘' }));
    for (const name of ['P', '<', '0', '往左一格', '往右一格', '退格', '清空']) {
      pad.getByRole('button', { name }).click();
    }
    press('下一步，核对');
    screen.getByRole('radio', { name: '卡片，三行' }).click();
    screen.getByRole('radio', { name: '护照，两行' }).click();
    expect(app.taken()).toEqual([
      ...['P', '<', '0', 'left', 'right', 'erase', 'clear'].map((key) => ({
        name: 'worker.typeZone',
        input: { key },
      })),
      { name: 'worker.zoneFormat', input: { format: 'td1' } },
    ]);
  });

  it('says how it may come: by the scanner, or by hand alone', () => {
    shown(entering);
    expect(screen.getByText('请用扫码器扫机读码，也可以照着输入。')).toBeTruthy();
    shown({ ...entering, scanner: 'away' });
    expect(screen.getByText('扫码器没连上，请照着机读码输入。')).toBeTruthy();
    shown({ ...entering, scanner: null });
    expect(screen.getByText('请照着机读码，一个字一个字输入。')).toBeTruthy();
  });

  it('shows how far it is, and the character that is wrong, in words and at its place', () => {
    const app = shown({
      ...entering,
      lines: [passport[0] ?? '', 'L898902C86UTO'],
      cursor: { line: 1, column: 4 },
      problem: { field: 'number', why: 'check', line: 1, column: 9 },
    });
    expect(screen.getByText('44/44')).toBeTruthy();
    expect(screen.getByText('13/44')).toBeTruthy();
    expect(screen.getByText('证件号码的校验位对不上，请对着原件再看一遍。')).toBeTruthy();
    press('移到那里');
    expect(app.taken()).toEqual([{ name: 'worker.typeZone', input: { key: 'mistake' } }]);
    const [first, second] = screen.getAllByRole('listitem');
    expect(second?.querySelector('mark')?.textContent).toBe('6');
    expect(second?.querySelector('code')?.textContent).toBe(`L898902C86UTO${'.'.repeat(31)}`);
    expect(first?.querySelector('mark')).toBeNull();
  });

  it('that is whole takes no more characters, and one that is right goes on', () => {
    const app = shown({ ...entering, lines: passport, right: true });
    expect(button('A')).toHaveProperty('disabled', true);
    press('下一步，核对');
    press('回到居民页面');
    expect(app.taken().map(({ name }) => name)).toEqual(['worker.readZone', 'worker.leave']);
  });

  it('of a document that has expired does not go on', () => {
    const app = shown({ ...entering, lines: passport, right: true, refused: 'expired' });
    expect(screen.getByText('这张证件过了有效期。')).toBeTruthy();
    press('下一步，核对');
    expect(app.taken()).toEqual([]);
  });
});

describe('the values', () => {
  it('are confirmed only by one who ticks to have seen the original', () => {
    const app = shown(comparing);
    expect(screen.getByText('L8*****C3')).toBeTruthy();
    press('确认，往下办');
    expect(app.taken()).toEqual([]);
    tick('我看过原件，是本人');
    press('确认，往下办');
    expect(app.taken()).toEqual([{ name: 'worker.identify', input: { sawOriginal: true } }]);
  });

  it('can be mended, or left', () => {
    const app = shown(comparing);
    press('去修改');
    press('回到居民页面');
    expect(app.taken().map(({ name }) => name)).toEqual(['worker.editZone', 'worker.leave']);
  });
});
