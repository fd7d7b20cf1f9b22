import { afterEach, expect, it } from 'vitest';
import { openScene, type Scene } from './terminal.ts';

let scene: Scene | null = null;

afterEach(async () => {
  await scene?.close();
  scene = null;
});

it('a resident looks for an item with the screen’s keyboard or one of their own, and leaves no word of it behind', async () => {
  scene = await openScene();
  const { resident } = scene;
  const open = '找一找：点这里，写您要办的事';
  const field = () => resident.page.getByRole('textbox', { name: '写您要办的事' });
  const choose = (name: string) => resident.touch(resident.page.getByRole('button', { name, exact: true }));
  await resident.goTo('home');
  await resident.press(open);
  await resident.type('键盘', 'juzhu');
  await choose('居住');
  expect(await field().inputValue()).toBe('居住');
  await resident.reads('找到 1 件');
  await resident.page.keyboard.type('zhengming');
  await resident.page.getByRole('button', { name: '证明', exact: true }).waitFor();
  await resident.page.keyboard.press('Space');
  await expect.poll(() => field().inputValue()).toBe('居住证明');
  await resident.press('社区居住证明');
  await resident.sees('item');
  await resident.press('结束办理');
  await resident.press('结束并清除');
  await resident.sees('attract');
  await resident.goTo('home');
  await resident.press(open);
  expect(await field().inputValue()).toBe('');
});
