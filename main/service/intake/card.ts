import type { FormField } from '#contract/catalogue.ts';
import type { Person, TravelDocument, ZoneDocument } from '#contract/person.ts';
import type { Text } from '#contract/text.ts';
import { maskNumber } from './mask.ts';
import { dayText, same } from './words.ts';

type From = Extract<FormField, { kind: 'card' }>['from'];

/** GB/T 2261.1. */
const SEX: Readonly<Record<string, Text>> = {
  '0': { zh: '未知', en: 'Unknown' },
  '1': { zh: '男', en: 'Male' },
  '2': { zh: '女', en: 'Female' },
  '9': { zh: '未说明', en: 'Not stated' },
};

/** A value of the card or document in words; empty where this kind has none. */
export function cardText(from: From, card: Person): Text {
  switch (from) {
    case 'name':
    case 'number':
      return same(card[from]);
    case 'sex':
      return SEX[card.sex] ?? same(card.sex);
    case 'birth':
      return dayText(card.birth);
    case 'validTo':
      return card.validTo === 'long-term' ? { zh: '长期', en: 'Long-term' } : dayText(card.validTo);
    case 'address':
      return same('address' in card ? card.address : '');
    default:
      return from satisfies never;
  }
}

/** The card or document as a flat record of texts, as it is sealed with a case. */
export function cardRecord(card: Person): Record<string, string> {
  return { ...card };
}

/** What finds the person's cases again: numbers of travel documents are their issuer's own, and two issuers may give the same. */
export function numberToIndex(card: Person): string {
  return card.kind === 'travel-document' ? `${card.issuer}/${card.number}` : card.number;
}

const DOCUMENTS: Readonly<Record<TravelDocument['document'], Text>> = {
  passport: { zh: '护照', en: 'Passport' },
  'hk-macao-permit': { zh: '港澳居民来往内地通行证', en: 'Mainland Travel Permit, Hong Kong and Macao' },
  'taiwan-permit': { zh: '台湾居民来往大陆通行证', en: 'Mainland Travel Permit, Taiwan' },
  other: { zh: '其他证件', en: 'Another document' },
};

/** The number as a paper shows it: that of a travel document says what kind it is of, since its form alone does not. */
export function numberOnPaper(card: Person, number: string): string {
  if (card.kind !== 'travel-document' || card.document === 'other') return number;
  return `${DOCUMENTS[card.document].zh} ${number}`;
}

/** What a worker compares with the original; the number is masked, its check digit was right. */
export function documentRows(document: ZoneDocument): { label: Text; value: Text }[] {
  return [
    { label: { zh: '证件', en: 'Document' }, value: DOCUMENTS[document.document] },
    { label: { zh: '姓名', en: 'Name' }, value: same(document.name) },
    { label: { zh: '证件号码', en: 'Number' }, value: same(maskNumber(document.number)) },
    { label: { zh: '性别', en: 'Sex' }, value: SEX[document.sex] ?? same(document.sex) },
    { label: { zh: '出生日期', en: 'Born' }, value: dayText(document.birth) },
    { label: { zh: '有效期至', en: 'Valid until' }, value: dayText(document.validTo) },
    { label: { zh: '签发方', en: 'Issued by' }, value: same(document.issuer) },
    { label: { zh: '国籍代码', en: 'Nationality' }, value: same(document.nationality) },
  ].filter(({ value }) => value.zh !== '');
}
