import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { SheetPaper } from '#main/service/documents/paper.ts';
import { receiptOf } from '#main/service/documents/receipt.ts';
import { codeIsGenuine, stampSheet } from '#main/service/documents/stamp.ts';
import { Typst } from '#main/service/documents/typst.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const typst = new Typst(`${process.cwd()}/image/catalogue/templates`);
afterAll(() => typst.close());

const sheet: SheetPaper = {
  document: 'certificate',
  template: 'certificate.typ',
  title: '社区居住证明',
  item: '社区居住证明',
  paragraphs: ['兹证明王秀英（证件号码：120103195002280021）自2018年3月起居住在示例路1号。', '特此证明。'],
  facts: [['姓　　名', '王秀英']],
  street: '友谊路街道',
  community: '测试里社区',
  phone: '022-55500107',
  committee: '测试里社区居民委员会',
  number: '120103-000101-261123-0001-7',
  date: '2026年11月23日',
  worker: '李工',
  verifiedAt: '2026年11月23日 14:31',
  steps: [],
  signature: {
    height: 400,
    strokes: [
      [100, 100, 0, 300, 200, 16],
      [500, 50, 0],
    ],
  },
};

const notice: SheetPaper = {
  ...sheet,
  document: 'acceptance-notice',
  template: 'acceptance-notice.typ',
  title: '受理通知书',
  worker: '',
  verifiedAt: '',
  steps: ['带上本人身份证件', '11月24日（明天）09:00后，到一号窗口'],
};

async function pdfOf(paper: SheetPaper): Promise<Buffer> {
  return Buffer.from(await typst.pdf(stampSheet(paper, privateKey)));
}

function text(pdf: Buffer): string {
  return execFileSync('pdftotext', ['-', '-'], {
    input: pdf,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  }).replaceAll(/\s/g, '');
}

function pages(pdf: Buffer): number {
  return Number(
    /Pages:\s+(\d+)/.exec(
      execFileSync('pdfinfo', ['-'], { input: pdf, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] }),
    )?.[1],
  );
}

describe('the certificate', () => {
  it('is one A4 page that says what it is, awaits the seal, and names number, worker and page', async () => {
    const pdf = await pdfOf(sheet);
    expect(pages(pdf)).toBe(1);
    const words = text(pdf);
    for (const part of [
      '社区居住证明',
      '待加盖公章',
      '测试里社区居民委员会',
      '2026年11月23日',
      sheet.number,
      '李工',
      '第1页，共1页',
    ]) {
      expect(words).toContain(part);
    }
    expect(
      execFileSync('pdfinfo', ['-'], { input: pdf, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] }),
    ).toContain('A4');
  });

  it('is PDF/A-2u with every font inside', async () => {
    const pdf = await pdfOf(sheet);
    expect(pdf.toString('latin1')).toMatch(/pdfaid:part>2<[\s\S]*pdfaid:conformance>U</);
    const fonts = execFileSync('pdffonts', ['-'], { input: pdf, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] })
      .split('\n')
      .slice(2)
      .filter(Boolean);
    for (const font of fonts) expect(font).toMatch(/\s+yes\s+(yes|no)\s+(yes|no)\s+\d+\s+\d+\s*$/);
  });

  it('sets rare characters and a very long name on one page', async () => {
    const home = '天津市河西区友谊路街道测试里社区示范河苑12号楼3门1501室';
    for (const name of ['𠮷𬱖', `${'阿卜杜热西提·'.repeat(7)}𠮷`]) {
      const pdf = await pdfOf({
        ...sheet,
        paragraphs: [
          `兹证明${name}（证件号码：120103195002280021）自2018年3月起居住在${home}，系我社区居民。`,
          '特此证明。',
        ],
        facts: [
          ['姓　　名', name],
          ['证件号码', '120103195002280021'],
          ['现 住 址', home],
          ['居住起始', '2018年3月'],
          ['居住方式', '自己或家人的房子'],
          ['用　　途', '水、电、气、暖开户过户'],
        ],
      });
      expect(pages(pdf)).toBe(1);
      expect(text(pdf)).toContain(name);
    }
  });

  it('takes data for data: Typst’s own signs in a name are printed, not run', async () => {
    const name = '#read("/etc/passwd") *x* $y$ \\';
    const words = text(await pdfOf({ ...sheet, facts: [['姓　　名', name]] }));
    expect(words).toContain(name.replaceAll(/\s/g, ''));
  });
});

describe('the acceptance notice', () => {
  it('begins with what it is not, and shows the next steps', async () => {
    const words = text(await pdfOf(notice));
    expect(words.startsWith('未经社区核验盖章无效')).toBe(true);
    expect(words).toContain('11月24日（明天）09:00后，到一号窗口');
    expect(words).toContain('申请人签名');
    expect(words).not.toContain('待加盖公章');
  });

  it('carries the signature as drawn lines', async () => {
    const without = await pdfOf({ ...notice, signature: { height: 400, strokes: [[1, 1, 0]] } });
    const drawn = await pdfOf({
      ...notice,
      signature: {
        height: 400,
        strokes: Array.from({ length: 40 }, (_, i) => [i * 20, 10, 0, i * 20 + 15, 300, 9, i, 60, 18]),
      },
    });
    expect(drawn.length).toBeGreaterThan(without.length);
    expect(pages(drawn)).toBe(1);
  });
});

describe('the typesetter', () => {
  it('fails a page that does not fit its template, without quoting it, and goes on', async () => {
    const broken = stampSheet({ ...sheet, template: 'no-such.typ' }, privateKey);
    await expect(typst.pdf(broken)).rejects.toThrow('the template no-such.typ does not fit its data');
    await expect(pdfOf(sheet)).resolves.toBeInstanceOf(Buffer);
  });
});

describe('the code on a sheet', () => {
  it('is signed by the terminal, and changes with whatever the sheet says', () => {
    const { code } = stampSheet(sheet, privateKey);
    expect(codeIsGenuine(code, publicKey)).toBe(true);
    expect(codeIsGenuine(code, privateKey)).toBe(true);
    const other = stampSheet({ ...sheet, date: '2026年11月24日' }, privateKey);
    expect(other.code).not.toBe(code);
    expect(codeIsGenuine(code.replace('-0001-', '-0002-'), publicKey)).toBe(false);
    expect(codeIsGenuine(code.replace('.C.', '.N.'), publicKey)).toBe(false);
    expect(codeIsGenuine(code, generateKeyPairSync('ed25519').publicKey)).toBe(false);
    expect(codeIsGenuine('https://example.invalid', publicKey)).toBe(false);
  });

  it('holds the receipt number and no ID number', () => {
    const { code } = stampSheet(sheet, privateKey);
    expect(code).toContain(sheet.number);
    expect(code).not.toContain('120103195002280021');
  });
});

describe('the receipt', () => {
  const paper = {
    document: 'receipt',
    language: 'zh',
    street: '友谊路街道',
    community: '测试里社区',
    phone: '022-55500107',
    item: { zh: '社区居住证明', en: 'Certificate of residence' },
    receiptNumber: '120103-000101-261123-0001-7',
    maskedName: '王**',
    maskedNumber: '120103********0021',
    acceptedAt: '2026年11月23日 14:26',
    collect: { when: { zh: '明天09:00后', en: 'tomorrow' }, where: { zh: '一号窗口', en: 'window 1' } },
    bring: [{ zh: '房产证', en: 'deed' }],
  } as const;

  it('shows the number large in two halves that fit narrow paper, whole, and as a QR code', () => {
    const { lines } = receiptOf(paper);
    const large = lines.filter((line) => line.line === 'text' && line.size === 2 && /\d/.test(line.text));
    expect(large.map((line) => line.line === 'text' && line.text)).toEqual(['120103-000101', '261123-0001-7']);
    expect(lines).toContainEqual({ line: 'qr', data: paper.receiptNumber, moduleDots: 6 });
    expect(JSON.stringify(lines)).toContain('请留好收件号');
    expect(JSON.stringify(lines)).toContain('房产证');
  });

  it('has an English part for who reads English', () => {
    expect(JSON.stringify(receiptOf(paper))).not.toContain('Collect');
    expect(JSON.stringify(receiptOf({ ...paper, language: 'en' }))).toContain('Collect: tomorrow, window 1');
  });
});
