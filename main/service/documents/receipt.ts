import type { z } from 'zod';
import { Receipt, type ReceiptLine } from '#contract/devices.ts';
import type { ReceiptPaper } from './paper.ts';

type Line = z.input<typeof ReceiptLine>;

const centred = (text: string, more: { size?: number; bold?: boolean } = {}): Line => ({
  line: 'text',
  text,
  align: 'centre',
  ...more,
});
const text = (words: string): Line => ({ line: 'text', text: words });
const pair = (label: string, value: string): Line => ({ line: 'pair', label, value });
const RULE: Line = { line: 'rule' };

/** Sets the receipt (回执) that a resident takes home: the number large and as QR, what happens next, when and where to collect. */
export function receiptOf(paper: ReceiptPaper): Receipt {
  const [first = '', second = '', ...rest] = paper.receiptNumber.split('-');
  const english = paper.language === 'en';
  const lines: Line[] = [
    centred(paper.street),
    centred(paper.community, { bold: true }),
    centred('收件回执', { size: 2, bold: true }),
    RULE,
    text('收件号（请留好）'),
    // Two halves, so that the large figures fit on narrow paper too.
    centred(`${first}-${second}`, { size: 2, bold: true }),
    centred(rest.join('-'), { size: 2, bold: true }),
    { line: 'feed', lines: 1 },
    { line: 'qr', data: paper.receiptNumber },
    centred(paper.receiptNumber),
    RULE,
    pair('事项', paper.item.zh),
    pair('申请人', paper.maskedName),
    pair('证件号', paper.maskedNumber),
    pair('受理时间', paper.acceptedAt),
    RULE,
    { line: 'text', text: '接下来', bold: true },
    text('工作人员核验、盖章后，证明才有效。'),
    text('还没核验、盖章的，凭这张回执来取：'),
    pair('时间', paper.collect.when.zh),
    pair('地点', paper.collect.where.zh),
    ...(paper.bring.length > 0 ? [pair('请带上', paper.bring.map((thing) => thing.zh).join('、'))] : []),
    pair('电话', paper.phone),
    ...(english
      ? [
          RULE,
          text(`Accepted: ${paper.item.en}. Valid only after a worker has checked and stamped it.`),
          text(`Collect: ${paper.collect.when.en}, ${paper.collect.where.en}. Please keep this receipt.`),
        ]
      : []),
    RULE,
    centred('请留好收件号', { bold: true }),
    { line: 'feed', lines: 2 },
  ];
  return Receipt.parse({ lines });
}
