import type { Display } from '#contract/visit.ts';

/** The least sizes of spec/screens.md, in millimetres: capitals of secondary text and of titles, targets and their gaps. */
export const least: Readonly<
  Record<
    Display['mode'],
    { readonly small: number; readonly title: number; readonly target: number; readonly gap: number }
  >
> = {
  standard: { small: 4.8, title: 11, target: 20, gap: 4 },
  elder: { small: 6.5, title: 15, target: 26, gap: 5 },
  large: { small: 8.5, title: 16, target: 30, gap: 6 },
};

/** What is wrong with the picture in the window, in words; empty when all is well. It runs in the page. */
export function inspect(limits: (typeof least)['standard']): string[] {
  const CAPITAL = 0.73;
  const mm = Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--mm'));
  const problems: string[] = [];
  const say = (what: string, element: Element) => {
    problems.push(`${what}: <${element.tagName.toLowerCase()}> ${(element.textContent ?? '').trim().slice(0, 30)}`);
  };
  const modal = [...document.querySelectorAll('[role="dialog"], [role="alertdialog"]')].at(-1);
  const curtain = document.querySelector('[data-react-aria-top-layer]');
  const scope = curtain ?? modal ?? document.body;
  const seen = (element: Element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 2 && box.height > 2 && style.visibility !== 'hidden' && style.clipPath === 'none';
  };
  /** The part of a box that scrolling and clipping ancestors leave to be seen. */
  const place = (element: Element): { box: DOMRect; scrolls: boolean } => {
    let scrolls = false;
    let { left, top, right, bottom } = new DOMRect(0, 0, innerWidth, innerHeight);
    for (let up = element.parentElement; up; up = up.parentElement) {
      const { overflowY } = getComputedStyle(up);
      if (overflowY === 'visible') continue;
      const box = up.getBoundingClientRect();
      if (overflowY === 'auto' && up.scrollHeight > up.clientHeight + 1) scrolls = true;
      [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
      [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return { box: new DOMRect(left, top, right - left, bottom - top), scrolls };
  };

  const lines: { box: DOMRect; element: Element }[] = [];
  const walk = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement;
    if (!element || !node.textContent?.trim() || !seen(element) || element.closest('svg')) continue;
    const style = getComputedStyle(element);
    const capital = (Number.parseFloat(style.fontSize) * CAPITAL) / mm;
    const need = element.closest('h1, [slot="title"]') ? limits.title : limits.small;
    if (capital < need - 0.01) say(`text of ${capital.toFixed(1)} mm, ${need} needed`, element);
    const range = document.createRange();
    range.selectNodeContents(node);
    const { box: room, scrolls } = place(element);
    for (const box of range.getClientRects()) {
      if (box.left < room.left - 1 || box.right > room.right + 1) say('text cut at the side', element);
      const cut = box.top < room.top - 1 || box.bottom > room.bottom + 1;
      if (cut && !scrolls) say('text cut above or below', element);
      if (!cut) lines.push({ box, element });
    }
  }
  for (const [index, one] of lines.entries()) {
    for (const other of lines.slice(index + 1)) {
      if (one.element === other.element || one.element.contains(other.element) || other.element.contains(one.element))
        continue;
      const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      // Line boxes are higher than the glyphs: a fifth of overlap is still air.
      if (wide > 2 && high > Math.min(one.box.height, other.box.height) * 0.3) say('text over other text', one.element);
    }
  }

  const targets = [...scope.querySelectorAll('button, label:has(input), [data-active]')]
    .filter((element) => seen(element) && !element.closest('[inert]'))
    .flatMap((element) => {
      const { box: room, scrolls } = place(element);
      const box = element.getBoundingClientRect();
      const outside = box.top < room.top - 1 || box.bottom > room.bottom + 1;
      if (outside && !scrolls) say('target cut', element);
      return outside ? [] : [{ box, element }];
    });
  const { reach, turn } = document.documentElement.dataset;
  // A keyboard in a sheet is a worker's, who stands.
  const isLow = reach === 'low' && turn === 'portrait' && !scope.closest('[data-dock="true"]');
  for (const { box, element } of targets) {
    if (isLow && box.top < innerHeight / 2 - 1) say('target above the lower half', element);
  }
  for (const [index, { box, element }] of targets.entries()) {
    const [wide, high] = [box.width / mm, box.height / mm];
    if (Math.min(wide, high) < limits.target - 0.05)
      say(`target of ${wide.toFixed(1)} x ${high.toFixed(1)} mm`, element);
    for (const other of targets.slice(index + 1)) {
      if (element.contains(other.element) || other.element.contains(element)) continue;
      const across = Math.max(box.left, other.box.left) - Math.min(box.right, other.box.right);
      const along = Math.max(box.top, other.box.top) - Math.min(box.bottom, other.box.bottom);
      const gap = Math.max(across, along) / mm;
      if (gap < limits.gap - 0.05)
        say(`gap of ${gap.toFixed(1)} mm to “${(other.element.textContent ?? '').slice(0, 12)}”`, element);
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) problems.push('the page is wider than the picture');
  return [...new Set(problems)];
}
