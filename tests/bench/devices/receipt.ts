/** A receipt of 200 lines made into a printer's bytes; the same with some lines that hold a character which has to be drawn. */
import { Receipt } from '#contract/devices.ts';
import { encodeReceipt } from '#drivers/receipt-printer/encoder.ts';
import { GlyphPress } from '#drivers/receipt-printer/glyphs.ts';
import { type Figure, percentile } from '../figures.ts';

const ROUNDS = 400;
const WARM_UP = 50;
const LINES = 200;
const RARE_EACH = 20;

function receipt(rare: boolean): Receipt {
  return Receipt.parse({
    lines: Array.from({ length: LINES }, (_, n) => {
      if (rare && n % RARE_EACH === 0) return { line: 'text', text: `申请人：李𠮷（第${n}行）` };
      if (n % 4 === 1) return { line: 'pair', label: '受理编号', value: `120103-000701-261125-${n}` };
      if (n % 4 === 2) return { line: 'text', text: `请带好身份证和这张回执到窗口办理，第${n}行` };
      return { line: 'text', text: `社区居住证明，受理，第${n}行`, bold: n % 8 === 3 };
    }),
  });
}

async function encodeMany(given: Receipt): Promise<number[]> {
  const press = new GlyphPress();
  const taken: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const began = performance.now();
    const encoded = await encodeReceipt(given, { paperMm: 80, characters: 'gb2312' }, press);
    if (!encoded.ok) throw new Error(`no font draws ${encoded.error.glyph}`);
    if (round >= WARM_UP) taken.push(performance.now() - began);
  }
  return taken;
}

export async function encode(): Promise<readonly Figure[]> {
  const plain = await encodeMany(receipt(false));
  const rare = await encodeMany(receipt(true));
  const told = (name: string, ours: number, goal: number | null): Figure => ({
    name,
    unit: 'ms',
    ours,
    floor: null,
    goal,
  });
  return [
    told('receipt of 200 lines encoded, p50', percentile(plain, 0.5), 5),
    told('receipt of 200 lines encoded, p99', percentile(plain, 0.99), 5),
    told('  the same, 10 lines with rare characters, p50', percentile(rare, 0.5), null),
    told('  the same, 10 lines with rare characters, p99', percentile(rare, 0.99), null),
  ];
}
