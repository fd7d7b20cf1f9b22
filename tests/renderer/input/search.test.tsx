// @vitest-environment jsdom

import { readFileSync } from 'node:fs';
import { act, fireEvent, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import { answering, type Question } from '#renderer/input/pinyin/messages.ts';
import { button, prepareBrowser, press, Rendered, screen, touch, turn, within } from '../rendered.tsx';
import { home } from '../snapshots.ts';

/** The engine on the page itself: jsdom has no workers. */
class NearWorker extends EventTarget {
  readonly #answer = answering();
  async postMessage({ number, question }: { number: number; question: Question }): Promise<void> {
    const given = await this.#answer(question);
    act(() => {
      this.dispatchEvent(new MessageEvent('message', { data: { number, given } }));
    });
  }
}

vi.stubGlobal('Worker', NearWorker);
vi.stubGlobal('fetch', () => Promise.resolve(new Response(new Uint8Array(readFileSync('out/dictionary/pinyin.txt')))));
prepareBrowser();

const field = () => screen.getByRole<HTMLInputElement>('textbox', { name: '写您要办的事' });
const board = () => within(screen.getByRole('group', { name: '键盘' }));
const strike = (...keys: readonly string[]) => {
  for (const name of keys) touch(board().getByRole('button', { name }));
};
const way = (name: string) => touch(board().getByRole('radio', { name }));
const tray = () => within(screen.getByRole('toolbar', { name: '可以选的字词' })).getAllByRole('button');
const choice = (name: string) => waitFor(() => board().getByRole('button', { name }));
const type = (...keys: readonly string[]) => {
  for (const key of keys) act(() => void fireEvent.keyDown(field(), { key }));
};
const items = () =>
  screen.getAllByRole('heading', { level: 1 }) && screen.queryAllByText(/证明$/).map((one) => one.textContent);

let app: Rendered;
beforeEach(() => {
  turn('portrait');
  app = new Rendered();
  app.step(home);
  press('找一找：点这里，写您要办的事');
});

describe('looking for what is to be done', () => {
  it('begins in the field, with everything there is', () => {
    expect(document.activeElement).toBe(field());
    expect(items()).toHaveLength(3);
  });

  it('finds by characters that were chosen', async () => {
    strike(...Array.from('juzhu'));
    touch(await choice('居住'));
    expect(field().value).toBe('居住');
    expect(items()).toEqual(['社区居住证明']);
    press(/社区居住证明/);
    expect(app.taken()).toEqual([{ name: 'visit.chooseItem', input: { item: 'residence-certificate' } }]);
  });

  it('finds by the sound before anything is chosen, whole, begun or by initials', async () => {
    for (const letters of ['juzhuzhengming', 'jzzm', 'juzhuzh']) {
      strike('清空', ...Array.from(letters));
      await waitFor(() => expect(items()).toEqual(['社区居住证明']));
    }
  });

  it('finds by the words of the other language', () => {
    way('字母');
    strike(...Array.from('pupil'));
    expect(items()).toEqual(['中小学生社区实践活动证明']);
  });

  it('says what to do where there is nothing', async () => {
    strike(...Array.from('xyz'));
    await waitFor(() => expect(screen.getByText('这里没有找到您写的事')).toBeTruthy());
    expect(screen.getByText('022-00000000')).toBeTruthy();
  });

  it('puts the keys away to show what there is, and brings them back at a touch', () => {
    press('看结果（3）');
    expect(screen.queryByRole('group', { name: '键盘' })).toBeNull();
    touch(field());
    expect(board()).toBeTruthy();
    press('不找了');
    expect(button('找一找：点这里，写您要办的事')).toBeTruthy();
  });

  it('keeps nothing for the next person', async () => {
    strike(...Array.from('juzhu'));
    touch(await choice('居住'));
    app.push({ event: 'wiped' });
    app.step(home);
    press('找一找：点这里，写您要办的事');
    expect(field().value).toBe('');
  });
});

describe('the keys', () => {
  it('leave the rest to compose, and erase letters before characters', async () => {
    strike(...Array.from('hukouben'));
    touch(await choice('户口'));
    expect(field().value).toBe('户口');
    strike('空格');
    await choice('本');
    strike('退格', '退格', '退格');
    expect(field().value).toBe('户口');
    strike('退格');
    expect(field().value).toBe('户');
  });

  it('give the focus back to the field with a choice that was taken by a switch', async () => {
    strike(...Array.from('juzhu'));
    const chosen = await choice('居住');
    act(() => chosen.focus());
    touch(chosen);
    expect(document.activeElement).toBe(field());
  });

  it('turn pages of choices', async () => {
    strike(...Array.from('yi'));
    await choice('一');
    const first = tray().map(({ textContent }) => textContent);
    press('后面的字词');
    expect(tray()[0]?.textContent).not.toBe(first[0]);
    press('前面的字词');
    expect(tray().map(({ textContent }) => textContent)).toEqual(first);
  });

  it('write numbers, marks, large letters and characters by their code point', () => {
    way('数字符号');
    strike('5', '，');
    way('字母');
    strike('大写', 'A', '大写', 'b');
    way('生僻字');
    strike(...Array.from('20BB7'));
    strike('𠮷');
    expect(field().value).toBe('5，Ab𠮷');
    strike('退格');
    expect(field().value).toBe('5，Ab');
    strike(...Array.from('D800'));
    expect(tray().every((key) => key.getAttribute('aria-label') !== null)).toBe(true);
  });

  it('stand on as many columns as there is room for', () => {
    app.step(home, { display: { ...STANDARD_DISPLAY, mode: 'large' } });
    expect(
      board()
        .getAllByRole('button')
        .slice(0, 3)
        .map(({ textContent }) => textContent),
    ).toEqual(['a', 'b', 'c']);
  });
});

describe('an external keyboard', () => {
  it('composes, takes by digit and blank, drops and erases', async () => {
    type(...Array.from('xingming'));
    await choice('姓名');
    type(' ');
    expect(field().value).toBe('姓名');
    type(...Array.from('hukou'));
    await choice('户口');
    const second = tray()[1]?.textContent ?? '';
    type('2');
    expect(field().value).toBe(`姓名${second}`);
    type(...Array.from('abc'), 'Escape');
    expect(field().value).toBe(`姓名${second}`);
    type('Escape', '7', 'Q', ...Array.from('hu'), 'Enter', 'Backspace');
    expect(field().value).toBe('7Qh');
  });

  it('turns pages, and ends what is composed with a mark', async () => {
    type(...Array.from('shi'));
    await choice('是');
    type('PageDown');
    expect(board().queryByRole('button', { name: '是' })).toBeNull();
    type('PageUp', '，');
    expect(field().value).toBe('是，');
  });

  it('leaves commands and other keys to the page', () => {
    const copy = new KeyboardEvent('keydown', { key: 'c', ctrlKey: true, bubbles: true, cancelable: true });
    act(() => void field().dispatchEvent(copy));
    const tab = new KeyboardEvent('keydown', { key: 'Tab', bubbles: true, cancelable: true });
    act(() => void field().dispatchEvent(tab));
    expect([copy.defaultPrevented, tab.defaultPrevented, field().value]).toEqual([false, false, '']);
  });
});
