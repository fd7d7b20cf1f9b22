import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright';
import { type SimulatedCard, syntheticResident } from '#tests/simulators/index.ts';
import type { TerminalProcess } from './electron.ts';
import { type Stand, WORKER_PIN } from './stand.ts';

/** A person who does not exist; the name has no word of the screens in it, so that a trace of it is one of hers. */
export const person = syntheticResident({ name: '试秀兰', birth: '19500228' });

/** The screens of a visit in order, as the ways through it name them. */
export const scenes = [
  'attract',
  'home',
  'item',
  'consent',
  'identity',
  'form-1',
  'form-2',
  'form-3',
  'check',
  'done',
  'leaving',
] as const;
export type Scene = (typeof scenes)[number];

/** A heading that tells each screen from the others. */
const headings: Readonly<Record<Scene, string>> = {
  attract: '办事，点这里',
  home: '您要办什么？',
  item: '社区居住证明',
  consent: '办这件事，要用到您的信息',
  identity: '请把身份证平放在亮灯处，读完再拿开。',
  'form-1': '先看看这些对不对',
  'form-2': '您现在住在哪里？',
  'form-3': '住了多久，用来做什么？',
  check: '请看看对不对，再签名',
  done: '您的事已收下，不会丢。',
  leaving: '请拿好',
};

/** In pixels of the screen. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A person at the terminal: what a hand and a pair of eyes can do, by touch. */
export class Resident {
  readonly terminal: TerminalProcess;
  readonly stand: Stand;
  readonly card: SimulatedCard;
  readonly #pictures: string | null;
  #taken = 0;

  constructor(o: { terminal: TerminalProcess; stand: Stand; card?: SimulatedCard; pictures?: string }) {
    this.terminal = o.terminal;
    this.stand = o.stand;
    this.card = o.card ?? person;
    this.#pictures = o.pictures ?? null;
    if (o.pictures) mkdirSync(o.pictures, { recursive: true });
  }

  get page(): Page {
    return this.terminal.page;
  }

  /** Takes a numbered picture of the screen, where pictures are wanted. */
  async picture(name: string): Promise<void> {
    if (!this.#pictures) return;
    this.#taken += 1;
    const file = `${String(this.#taken).padStart(2, '0')}-${name}.png`;
    await this.page.screenshot({ path: join(this.#pictures, file), animations: 'disabled' });
  }

  async sees(scene: Scene): Promise<void> {
    await this.#look((page) => page.getByRole('heading', { level: 1, name: headings[scene] }).waitFor());
  }

  async reads(words: string): Promise<void> {
    await this.#look((page) => page.getByText(words).first().waitFor());
  }

  /** The shell lays a fresh page after each visit and each crash: eyes move on to it. */
  async #look(at: (page: Page) => Promise<void>): Promise<void> {
    for (;;) {
      const page = await this.terminal.freshPage(null);
      try {
        return await at(page);
      } catch (problem) {
        if (this.terminal.lives(page)) throw problem;
      }
    }
  }

  /** Scrolls until the control can be seen. */
  async bring(target: Locator): Promise<void> {
    await target.scrollIntoViewIfNeeded();
  }

  /** One finger down and up in the middle of a control that is there, enabled and still. */
  async touch(target: Locator): Promise<void> {
    await this.bring(target);
    await target.click({ trial: true });
    const box = await target.boundingBox();
    if (!box) throw new Error('the control is not on the screen');
    await this.draw([{ x: box.x + box.width / 2, y: box.y + box.height / 2 }]);
  }

  async press(name: string): Promise<void> {
    await this.touch(this.page.getByRole('button', { name }).first());
  }

  async choose(name: string): Promise<void> {
    await this.touch(this.page.locator('label', { has: this.page.getByRole('radio', { name }) }));
  }

  async tick(name: string): Promise<void> {
    await this.touch(this.page.locator('label', { has: this.page.getByRole('checkbox', { name }) }));
  }

  async type(pad: string, digits: string): Promise<void> {
    const keys = this.page.getByRole('group', { name: pad });
    for (const digit of digits) await this.touch(keys.getByRole('button', { name: digit, exact: true }));
  }

  async sign(): Promise<void> {
    const pad = this.page.getByRole('img', { name: '签名板' });
    await this.bring(pad);
    const box = await pad.boundingBox();
    if (!box) throw new Error('there is no signature pad');
    const at = (x: number, y: number): Point => ({ x: box.x + box.width * x, y: box.y + box.height * y });
    for (const stroke of SIGNATURE) await this.draw(stroke.map((point) => at(...point)));
  }

  async draw(points: readonly Point[]): Promise<void> {
    await drawWithFinger(this.page, points);
  }

  /** Takes everything and goes. The last pages go on by themselves: a slow hand finds nothing left to press. */
  async goodbye(): Promise<void> {
    await Promise.race([this.press('都拿好了').catch(() => undefined), this.sees('attract')]);
    await this.sees('attract');
  }

  /** From the screen where the resident stands to another one, the plain way through item 1. */
  async goTo(target: Scene, from: Scene = 'attract'): Promise<void> {
    for (const scene of scenes.slice(scenes.indexOf(from), scenes.indexOf(target))) {
      await this.sees(scene);
      await this.#leave(scene);
    }
    await this.sees(target);
  }

  async #leave(scene: Scene): Promise<void> {
    switch (scene) {
      case 'attract':
        await this.picture('attract');
        return this.press('点屏幕，开始办理');
      case 'home':
        await this.picture('home');
        return this.press('社区居住证明');
      case 'item':
        await this.picture('item');
        return this.press('开始办理');
      case 'consent':
        await this.tick('我知道了，同意使用这些信息');
        await this.tick('其中的证件号码和住址属于敏感信息');
        await this.picture('consent');
        return this.press('同意，往下办');
      case 'identity':
        await this.picture('identity');
        return this.stand.reader.layCard(this.card);
      case 'form-1':
        await this.type('数字键盘：联系电话', '13800001234');
        await this.picture('form-card');
        return this.press('下一步');
      case 'form-2':
        await this.choose('住在本社区的其他地址');
        await this.choose('样例里');
        await this.#number('楼号', '3');
        await this.#number('门（单元）号', '2');
        await this.#number('室号', '501');
        await this.picture('form-address');
        return this.press('下一步');
      case 'form-3':
        await this.press('从什么时候住到现在');
        await this.picture('form-year');
        await this.press('2019年');
        await this.press('5月');
        await this.choose('租的房子');
        await this.choose('子女入学');
        await this.picture('form-purpose');
        return this.press('下一步');
      case 'check':
        await this.sign();
        await this.picture('check-signed');
        return this.press('提交');
      case 'done':
        return this.press('办好了，离开');
      case 'leaving':
        return this.stand.reader.liftCard();
    }
  }

  async #number(label: string, digits: string): Promise<void> {
    await this.touch(this.page.getByRole('textbox', { name: label }));
    await this.type(`数字键盘：${label}`, digits);
  }

  /** The worker's part, at the resident's last page: sign in, look, tick, confirm. */
  async workerConfirms(pin = WORKER_PIN): Promise<void> {
    await this.press('请工作人员来核验');
    await this.reads('已经请工作人员过来了');
    await this.picture('worker-called');
    await this.workerSignsIn(pin);
    const checks = this.page.getByRole('dialog').locator('label');
    await checks.first().waitFor();
    for (const check of await checks.all()) await this.touch(check);
    await this.picture('worker-evidence');
    await this.press('确认属实');
  }

  async workerSignsIn(pin: string): Promise<void> {
    await this.press('我是工作人员');
    await this.type('密码键盘', pin);
    await this.picture('worker-pin');
    await this.press('登录');
  }

  async receiptNumber(): Promise<string> {
    const text = await this.page
      .getByText(/^\d{6}-\d{6,}-\d{6}-\d{4,}-[\dX]$/)
      .first()
      .textContent();
    return text?.trim() ?? '';
  }
}

/** One finger down at the first point of a page, along the others, and up at the last. */
export async function drawWithFinger(page: Page, [first, ...rest]: readonly Point[]): Promise<void> {
  if (!first) return;
  const finger = await page.context().newCDPSession(page);
  await finger.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [first] });
  for (const point of rest) {
    await finger.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [point] });
  }
  await finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await finger.detach();
}

/** A few strokes that cross the pad, as fractions of its width and height. */
const SIGNATURE: readonly (readonly (readonly [number, number])[])[] = [
  [
    [0.16, 0.3],
    [0.2, 0.34],
    [0.19, 0.5],
    [0.15, 0.68],
  ],
  [
    [0.24, 0.36],
    [0.33, 0.32],
    [0.36, 0.34],
    [0.3, 0.52],
    [0.23, 0.7],
    [0.36, 0.6],
    [0.41, 0.68],
  ],
  [
    [0.48, 0.28],
    [0.57, 0.27],
    [0.53, 0.46],
    [0.46, 0.66],
    [0.58, 0.52],
    [0.62, 0.62],
  ],
  [
    [0.68, 0.34],
    [0.8, 0.31],
    [0.74, 0.5],
    [0.68, 0.66],
    [0.78, 0.58],
    [0.86, 0.7],
  ],
];
