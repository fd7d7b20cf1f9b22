/** A certificate's page from the warm typesetter, as a resident waits for it; the floor is an empty page of the same typesetter. */
import { generateKeyPairSync } from 'node:crypto';
import { resolve } from 'node:path';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import type { SheetPaper } from '#main/service/documents/paper.ts';
import { stampSheet } from '#main/service/documents/stamp.ts';
import { Typst } from '#main/service/documents/typst.ts';
import { type Figure, percentile } from '../figures.ts';

const PAGES = 200;

const sheet: Omit<SheetPaper, 'number'> = {
  document: 'certificate',
  template: 'certificate.typ',
  title: '社区居住证明',
  item: '社区居住证明',
  paragraphs: ['兹证明试秀兰（证件号码：120103195002280021）自2018年3月起居住在示例路1号。', '特此证明。'],
  facts: [['姓　　名', '试秀兰']],
  street: '友谊路街道',
  community: '测试里社区',
  phone: '022-55500107',
  committee: '测试里社区居民委员会',
  date: '2026年11月23日',
  worker: '李工',
  verifiedAt: '2026年11月23日 14:31',
  steps: [],
  signature: { height: 400, strokes: [[100, 100, 0, 300, 200, 16, 500, 50, 32]] },
};

export async function certificate(): Promise<readonly Figure[]> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const typst = new Typst(resolve('image/catalogue/templates'));
  const plain = NodeCompiler.create({ workspace: resolve('image/catalogue/templates') });
  const ours: number[] = [];
  const floor: number[] = [];
  // The first answer comes after the warm-up that the typesetter does by itself at its start.
  const signed = (number: number) => stampSheet({ ...sheet, number: `120103-000101-261123-${number}-7` }, privateKey);
  await typst.pdf(signed(0));
  const empty = (): void => {
    const page = plain.compile({ mainFileContent: '#set page(paper: "a4")\n#pagebreak(weak: true)\n#hide[.]' }).result;
    if (!page) throw new Error('an empty page does not compile');
    plain.pdf(page, { pdfStandard: 'a-2u' });
    plain.evictCache(0);
  };
  empty();
  for (let page = 1; page <= PAGES; page += 1) {
    const given = signed(page);
    let began = performance.now();
    (await typst.pdf(given)).fill(0);
    ours.push(performance.now() - began);
    began = performance.now();
    empty();
    floor.push(performance.now() - began);
  }
  await typst.close();
  return [
    { name: 'certificate PDF, warm, p95', unit: 'ms', ours: percentile(ours, 0.95), floor: null, goal: 25 },
    {
      name: '  beside an empty page',
      unit: 'ms',
      ours: percentile(ours, 0.5),
      floor: percentile(floor, 0.5),
      goal: null,
    },
  ];
}
