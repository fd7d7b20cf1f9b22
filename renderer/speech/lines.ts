import type { Language } from '#contract/text.ts';

/** Characters that are said at once, and stand as a caption in two lines in the largest type. */
const AT_ONCE = { zh: 40, en: 76 } as const satisfies Record<Language, number>;

/** Lines laid together, or parted where one breathes, so that each is short enough to be said at once. */
export function breaths(lines: readonly string[], language: Language): string[] {
  const most = AT_ONCE[language];
  const [stop, gap] = language === 'zh' ? ['。', ''] : ['. ', ' '];
  const said: string[] = [];
  for (const piece of lines.flatMap((line) => parted(line, most))) {
    const last = said.at(-1);
    const between = last !== undefined && /[。？！，；：.?!,;:]$/.test(last) ? gap : stop;
    if (last !== undefined && last.length + between.length + piece.length <= most) {
      said[said.length - 1] = last + between + piece;
    } else said.push(piece);
  }
  return said;
}

function parted(line: string, most: number): string[] {
  if (line.length <= most) return [line];
  const head = line.slice(0, most);
  const at = Math.max(...['。', '？', '！', '；', '，', '、', '. ', ', ', ' '].map((mark) => head.lastIndexOf(mark)));
  const cut = at > 0 ? at + 1 : most;
  return [line.slice(0, cut).trim(), ...parted(line.slice(cut).trim(), most)];
}
