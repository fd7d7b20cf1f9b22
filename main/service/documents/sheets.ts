import type { Signature } from '#contract/calls.ts';
import type { Item } from '#contract/catalogue.ts';
import type { Text } from '#contract/text.ts';
import { numberOnPaper } from '../intake/card.ts';
import { type Answers } from '../intake/form.ts';
import { maskNumber } from '../intake/mask.ts';
import { committeeOf, documentValues, fill, type ValuesContext } from '../intake/values.ts';
import { dayText, momentText } from '../intake/words.ts';
import type { SheetPaper } from './paper.ts';

/** Everything of a case that a sheet may say. */
export interface SheetCase {
  readonly item: Item;
  readonly answers: Answers;
  readonly signature: Signature;
  readonly receiptNumber: string;
  readonly acceptedAt: Date;
  readonly collect: { readonly when: Text; readonly where: Text };
  readonly values: ValuesContext;
}

/** The certificate after a worker's verification: the resident's own paper, so the number stands in full. */
export function certificateOf(given: SheetCase, worker: string, verifiedAt: Date): SheetPaper {
  return {
    ...sheetOf('certificate', given, numberOnPaper(given.values.card, given.values.card.number)),
    worker,
    verifiedAt: momentText(verifiedAt),
    steps: [],
  };
}

/** The acceptance notice for a case that nobody has verified yet; the number is masked. */
export function acceptanceNoticeOf(given: SheetCase): SheetPaper {
  const { item, collect, values } = given;
  const number = numberOnPaper(values.card, maskNumber(values.card.number));
  const sheet = sheetOf('acceptance-notice', given, number);
  const things = item.materials.filter(({ how }) => how !== 'card').map(({ name }) => name.zh);
  const bring = ['本人身份证件', '回执或本通知', ...things].join('、');
  return {
    ...sheet,
    facts: [
      ['姓　　名', values.card.name],
      ['证件号码', number],
      ['受理时间', momentText(given.acceptedAt)],
      ['承办单位', committeeOf(values.community)],
    ],
    worker: '',
    verifiedAt: '',
    steps: [`带上${bring}`, `${collect.when.zh}，到${collect.where.zh}`, '工作人员核验、盖章后，当场取走证明'],
  };
}

const FACT = /^\|\s*([^|]+?)\s*\|\s*(.+)$/;

/** A paragraph `| label | value` of the catalogue is a row of the table of facts. */
function sheetOf(
  document: SheetPaper['document'],
  given: SheetCase,
  number: string,
): Omit<SheetPaper, 'worker' | 'verifiedAt' | 'steps'> {
  const { item, answers, values } = given;
  const declared = item.documents.find(({ kind }) => kind === document);
  if (!declared) throw new Error(`item ${item.id} has no ${document}`);
  const words = { ...documentValues(item, answers, values, momentText(given.acceptedAt)), number };
  const facts: [string, string][] = [];
  const paragraphs: string[] = [];
  for (const paragraph of declared.paragraphs) {
    const row = FACT.exec(paragraph);
    if (row?.[1] && row[2]) facts.push([row[1], fill(row[2], words)]);
    else paragraphs.push(fill(paragraph, words));
  }
  return {
    document,
    template: declared.template,
    title: declared.title,
    item: item.title.zh,
    paragraphs,
    facts: facts.filter(([, value]) => value !== ''),
    street: values.community.street.zh,
    community: values.community.name.zh,
    phone: values.community.phone,
    committee: committeeOf(values.community),
    number: given.receiptNumber,
    date: dayText(values.today).zh,
    signature: given.signature,
  };
}
