import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { partsOf } from '#main/service/speech/reading.ts';
import { person } from '#tests/stand/resident.ts';
import { findTraces } from '#tests/stand/traces.ts';
import { eventually, openScene, readStore, type Scene } from './terminal.ts';

const CAPTION = 'section[aria-label="朗读"] p';

declare global {
  interface Window {
    hear(words: string): void;
  }
}

/** Somebody who sees nothing, hears what is read aloud, and has a keyboard. */
class Listener {
  readonly #scene: Scene;
  readonly #said: string[] = [];
  /** How much of it was heard before the last key. */
  #before = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Everything that was said, as text. */
  get all(): readonly string[] {
    return this.#said;
  }

  async listen(app: ElectronApplication): Promise<void> {
    const context = app.context();
    await context.exposeFunction('hear', (words: string) => void this.#said.push(words));
    const watch = (selector: string) => {
      let last = '';
      new MutationObserver(() => {
        const words = document.querySelector(selector)?.textContent ?? '';
        if (words !== '' && words !== last) window.hear(words);
        last = words;
      }).observe(document, { subtree: true, childList: true, characterData: true });
    };
    await context.addInitScript(watch, CAPTION);
    await this.#scene.terminal.page.evaluate(watch, CAPTION);
  }

  async press(key: string): Promise<void> {
    this.#before = this.#said.length;
    await this.#scene.terminal.page.keyboard.press(key);
  }

  async types(digits: string): Promise<void> {
    for (const digit of digits) await this.press(digit);
    await this.hears(digits.replaceAll(/(?<=.)(?=.)/g, ' '));
  }

  async hears(words: string): Promise<void> {
    await eventually(`to hear ${words}`, () => (this.#heard().includes(words) ? true : null)).catch(
      (error: unknown) => {
        throw new Error(`heard ${this.#said.slice(-5).join(' | ')}`, { cause: error });
      },
    );
  }

  /** Goes on by a key until it hears what it wants. */
  async finds(words: string, key = 'Tab'): Promise<void> {
    await this.press('F4');
    for (let tries = 0; tries < 60; tries += 1) {
      await this.press(key);
      await eventually(`to hear something after ${key}`, () => (this.#heard() === '' ? null : true));
      if (this.#heard().includes(words)) return;
    }
    throw new Error(`${words} is nowhere: ${this.#said.slice(-40).join(' | ')}`);
  }

  async enters(words: string): Promise<void> {
    await this.finds(words);
    await this.press('Enter');
  }

  async ticks(words: string): Promise<void> {
    await this.finds(words);
    await this.press('Space');
    await this.hears('已选');
  }

  /** One of the answers to a question. */
  async chooses(question: string, answer: string): Promise<void> {
    await this.finds(question);
    if (!this.#heard().includes(answer)) return this.finds(answer, 'ArrowDown');
    await this.press('Space');
    await this.hears('已选');
  }

  async fills(field: string, digits: string): Promise<void> {
    await this.finds(field);
    await this.types(digits);
  }

  #heard(): string {
    return this.#said.slice(this.#before).join('');
  }
}

let folder = '';
let scene: Scene | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yichuang-ear-'));
});

afterEach(async () => {
  await scene?.close();
  scene = null;
  rmSync(folder, { recursive: true, force: true });
});

/** espeak-ng, and what it was given to say. */
function wiretap(): { readonly program: string; readonly spoken: () => string } {
  const [program, heard] = [join(folder, 'speech'), join(folder, 'spoken')];
  const lines = [`words=$(cat)`, `printf '%s\\n' "$words" >> ${heard}`, `printf '%s' "$words" | espeak-ng "$@"`];
  writeFileSync(program, `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(program, 0o755);
  return { program, spoken: () => (existsSync(heard) ? readFileSync(heard, 'utf8') : '') };
}

it('a whole visit is done by ear and keys, on a screen that shows nothing', async () => {
  const { program, spoken } = wiretap();
  scene = await openScene({ speechProgram: program });
  const { stand, terminal } = scene;
  const who = new Listener(scene);
  await who.listen(terminal.app);

  await who.press('F2');
  await who.hears('按回车键选定');
  await who.press('F8');
  await who.hears('屏幕遮住了');
  await who.press('F3');
  await who.hears('您要办什么？');
  await who.enters('社区居住证明');
  await who.hears('要带什么');
  await who.enters('开始办理');
  await who.hears('要用到您的信息');
  await who.ticks('我知道了');
  await who.ticks('其中的证件号码');
  await who.enters('同意，往下办');
  await who.hears('请把身份证平放');
  await stand.reader.layCard(person);

  await who.hears('先看看这些对不对');
  await who.enters('下一步');
  await who.hears('这一项还没有填');
  await who.types('13800001234');
  await who.enters('下一步');
  await who.hears('您现在住在哪里？');
  await who.chooses('现住址', '住在本社区的其他地址');
  await who.chooses('小区', '样例里');
  await who.fills('楼号', '3');
  await who.fills('门（单元）号', '2');
  await who.fills('室号', '501');
  await who.enters('下一步');
  await who.hears('住了多久');
  await who.enters('从什么时候住到现在');
  await who.hears('先点年份');
  await who.enters('2019年');
  await who.hears('2019年几月');
  await who.enters('5月');
  await who.chooses('房屋是', '租的房子');
  await who.chooses('证明用在哪里', '子女入学');
  await who.enters('下一步');

  await who.hears('请看看对不对');
  await who.finds('签名板');
  for (const arrow of ['ArrowUp', 'ArrowRight', 'ArrowDown', 'ArrowRight', 'ArrowUp']) await who.press(arrow);
  await who.hears('签好了');
  expect(await terminal.page.getByText('点一下，屏幕就露出来').isVisible()).toBe(true);
  await who.enters('提交');
  await who.hears('您的事已收下');
  await who.enters('改天来取');
  await who.hears('打好了');
  await who.enters('办好了，离开');
  await who.hears('请拿好您的证件');
  await stand.reader.liftCard();
  await who.hears('证件已经拿走了');
  await eventually('the end', () => (who.all.some((words) => words.includes('屏幕上的信息已清除')) ? true : null));

  expect(readStore(stand).cases).toBe(1);
  const receipt = await eventually('the receipt', () => stand.receiptPrinter.papers[0] ?? null);
  expect(receipt.text).toContain(readStore(stand).receiptNumbers[0]);
  // What the captions say was spoken, and nothing personal of it stayed on the terminal.
  for (const words of ['您要办什么？', person.name]) {
    const [part] = await partsOf('zh', words);
    expect(spoken()).toContain(part?.text.replace(/ .$/, ''));
  }
  await scene.closeTerminal();
  expect(findTraces([person.name, person.number], [`${stand.folder}/terminal`])).toEqual([]);
});
