import type { FormField } from '#contract/catalogue.ts';
import type { IdCard } from '#contract/devices.ts';
import type { Text } from '#contract/text.ts';
import { dayText, same } from './words.ts';

type From = Extract<FormField, { kind: 'card' }>['from'];

/** GB/T 2261.1. */
const SEX: Readonly<Record<string, Text>> = {
  '0': { zh: '未知', en: 'Unknown' },
  '1': { zh: '男', en: 'Male' },
  '2': { zh: '女', en: 'Female' },
  '9': { zh: '未说明', en: 'Not stated' },
};

/** A value of the card in words; empty where this kind of card has none. */
export function cardText(from: From, card: IdCard): Text {
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

/** The card as a flat record of texts, as it is sealed with a case. */
export function cardRecord(card: IdCard): Record<string, string> {
  return { ...card };
}
