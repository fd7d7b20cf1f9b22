// @vitest-environment jsdom

import { describe, expect, it } from 'vitest';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import {
  button,
  fails,
  prepareBrowser,
  press,
  Rendered,
  screen,
  tick,
  touch,
  turn,
  type,
  within,
} from './rendered.tsx';
import { confirming, done, terminal, withPhotograph } from './snapshots.ts';

prepareBrowser();

describe('done', () => {
  it('shows the receipt number and the truth about each paper', () => {
    const app = new Rendered();
    app.step(done());
    expect(screen.getByText(/收件号/).parentElement?.textContent).toContain('120103-000701-261123-0042-6');
    expect(screen.getByText('打好了，请从小票口取走。')).toBeTruthy();
    const prints = done().prints.map((paper) => ({ ...paper, print: { state: 'unknown' } as const }));
    app.step(done({ prints }));
    expect(screen.queryByText('请取走')).toBeNull();
    press('再打一次');
    expect(app.taken()).toEqual([{ name: 'print.again', input: { job: 'job-1' } }]);
  });

  it('calls a worker or collects later', () => {
    const app = new Rendered();
    app.step(done());
    press('请工作人员来核验');
    press('改天来取');
    press('再办一件');
    press('办好了，离开');
    expect(app.taken().map(({ name }) => name)).toEqual([
      'visit.callWorker',
      'visit.collectLater',
      'visit.another',
      'visit.leave',
    ]);
  });

  it('tells the offline resident that nothing is held up, and the truth after the acknowledgement', () => {
    const app = new Rendered();
    app.step(done());
    app.terminal({ ...terminal, network: 'offline' });
    expect(screen.getByText('现在没有网，不影响您办事')).toBeTruthy();
    app.step(done({ sync: 'acknowledged' }));
    expect(screen.getByText('区里已收到')).toBeTruthy();
  });

  it.each(['portrait', 'landscape'] as const)('can be rated before anything else is chosen, %s', (way) => {
    turn(way);
    const app = new Rendered();
    app.step(done());
    expect(button('非常满意')).toBeTruthy();
    expect(button('请工作人员来核验')).toBeTruthy();
    turn('portrait');
  });
});

describe('rating', () => {
  it('has no face chosen, and reasons that belong to the face', () => {
    const app = new Rendered();
    app.step(done());
    touch(button('不满意'));
    const sheet = within(screen.getByRole('dialog', { name: '不满意' }));
    const codes = done().levels.find(({ level }) => level === 2)?.reasons ?? [];
    expect(sheet.getAllByRole('checkbox')).toHaveLength(codes.length);
    expect(sheet.queryByText('服务热情效率高')).toBeNull();
    tick('服务态度生硬');
    press('提交评价');
    expect(app.taken()).toEqual([{ name: 'visit.rate', input: { level: 2, reasons: ['214'] } }]);
  });

  it('is skipped with one touch, and thanks only the one who rated', () => {
    const app = new Rendered();
    app.step(done());
    press('不评了');
    expect(app.taken()).toEqual([{ name: 'visit.skipRating', input: {} }]);
    app.step(done({ rating: { state: 'skipped' } }));
    expect(screen.queryByText('谢谢您的评价。')).toBeNull();
    app.step(done({ rating: { state: 'rated', level: 5 } }));
    expect(screen.getByText('您评的是：非常满意')).toBeTruthy();
  });
});

describe('a worker at the terminal', () => {
  it('signs in with a PIN that the page forgets', () => {
    const app = new Rendered();
    app.step(done({ worker: { at: 'called' } }));
    press('我是工作人员');
    app.step(done({ worker: { at: 'signing-in', problem: null, lockedForMs: 0 } }));
    type('482');
    press('登录');
    expect(app.taken()).toEqual([{ name: 'worker.arrive', input: {} }]);
    type('9');
    press('登录');
    expect(app.taken()).toEqual([{ name: 'worker.signIn', input: { pin: '4829' } }]);
    app.step(done({ worker: { at: 'signing-in', problem: 'pin-wrong', lockedForMs: 0 } }));
    expect(screen.getByText('密码不对，请再输一次。')).toBeTruthy();
    expect(button('登录')).toHaveProperty('disabled', true);
    expect(document.body.textContent).not.toContain('4829');
  });

  it('cannot type while it is locked', () => {
    const app = new Rendered();
    app.step(done({ worker: { at: 'signing-in', problem: 'locked', lockedForMs: 290_000 } }));
    expect(screen.getByText('输错次数太多，请等5分钟再试。')).toBeTruthy();
    expect(button('1')).toHaveProperty('disabled', true);
    press('回到居民页面');
    expect(app.taken()).toEqual([{ name: 'worker.leave', input: {} }]);
  });

  it('confirms only what was seen, every line of it', () => {
    const app = new Rendered();
    app.step(done({ worker: confirming }));
    if (confirming.at !== 'confirming') throw new Error('the fixture is not about a confirmation');
    for (const { text } of confirming.checks) {
      press('确认属实');
      expect(app.taken()).toEqual([]);
      tick(text.zh);
    }
    press('确认属实');
    expect(app.taken()).toEqual([{ name: 'worker.confirm', input: { seen: confirming.checks.map(({ id }) => id) } }]);
  });

  it('compares the face with the photograph of the card, where there is one', () => {
    const app = new Rendered();
    app.step(done({ worker: confirming }));
    expect(screen.queryByRole('figure')).toBeNull();
    app.step(done({ worker: withPhotograph }));
    const figure = screen.getByRole('figure');
    expect(figure.textContent).toBe('请看一看是不是本人');
    expect(within(figure).getByRole('img', { name: '证件上的照片' })).toHaveProperty('src', withPhotograph.photo);
    app.step(done({ worker: withPhotograph }), { display: { ...STANDARD_DISPLAY, language: 'en' } });
    expect(screen.getByRole('img', { name: 'The photograph on the card' })).toBeTruthy();
    expect(screen.getByText('Is this the person?')).toBeTruthy();
    app.step(done());
    expect(document.body.innerHTML).not.toContain('data:');
  });

  it('sees no broken picture: what can’t be drawn is left out', () => {
    const app = new Rendered();
    app.step(done({ worker: withPhotograph }));
    fails(screen.getByRole('img', { name: '证件上的照片' }));
    expect(screen.queryByRole('figure')).toBeNull();
    expect(screen.getByText('王秀英')).toBeTruthy();
  });

  it('refuses after a second look', () => {
    const app = new Rendered();
    app.step(done({ worker: confirming }));
    press('不能确认');
    press('再看看');
    press('不能确认');
    expect(app.taken()).toEqual([]);
    press('不出证明');
    expect(app.taken()).toEqual([{ name: 'worker.refuse', input: {} }]);
    app.step(done({ worker: { at: 'refused', worker: '李明' } }));
    expect(screen.getByText('这次还不能出证明。')).toBeTruthy();
  });
});

describe('leaving', () => {
  it('reminds of the card until it is gone, then ends', () => {
    const app = new Rendered();
    app.step({ at: 'leaving', card: 'left-behind', papers: done().prints });
    expect(screen.getByText('身份证忘在读卡区了，请回来拿。')).toBeTruthy();
    app.step({ at: 'leaving', card: 'taken', papers: [] });
    press('都拿好了');
    expect(app.taken()).toEqual([{ name: 'visit.end', input: {} }]);
    app.step({ at: 'ended' });
    expect(screen.getByText('屏幕上的信息已清除。')).toBeTruthy();
  });
});
