import type { FormField, Item } from '#contract/catalogue.ts';
import type { Configuration } from '#contract/configuration.ts';
import { unreachable } from '#contract/result.ts';
import type { Text } from '#contract/text.ts';
import { cardText } from './card.ts';
import { type Answers, type FormContext, optionsOf } from './form.ts';
import { maskNumber } from './mask.ts';
import { dayText, monthText, same } from './words.ts';

export interface Row {
  readonly label: Text;
  readonly value: Text;
}

/** All answered questions with their answers in words, for the check page and for the worker; the ID number is masked. */
export function rowsOf(item: Item, answers: Answers, context: FormContext): Row[] {
  return fieldsOf(item).flatMap((field) => {
    const text = answerText(field, answers, context);
    if (text.zh === '') return [];
    const masked = field.kind === 'card' && field.from === 'number';
    return [{ label: field.label, value: masked ? same(maskNumber(text.zh)) : text }];
  });
}

export interface ValuesContext extends FormContext {
  readonly community: Configuration['community'];
  /** District and city in Chinese, such as `天津市河西区`. */
  readonly region: string;
}

/**
 * The values that a document's paragraphs may name, in Chinese: every answer in words, and `name`, `number`, `home`, `community`,
 * `street`, `committee`, `acceptedAt`, `today` (see `COMMON_VALUES`).
 */
export function documentValues(
  item: Item,
  answers: Answers,
  context: ValuesContext,
  acceptedAt: string,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const field of fieldsOf(item)) values[field.id] = answerText(field, answers, context).zh;
  return {
    ...values,
    name: context.card.name,
    number: context.card.number,
    home: home(item, answers, context),
    community: context.community.name.zh,
    street: context.community.street.zh,
    committee: committeeOf(context.community),
    acceptedAt,
    today: dayText(context.today).zh,
  };
}

/** Sets values into `{...}` of a paragraph; a value is never read as a pattern again. */
export function fill(paragraph: string, values: Readonly<Record<string, string>>): string {
  return paragraph.replaceAll(/\{([^}]*)\}/g, (_, name: string) => values[name] ?? '');
}

/** `测试里社区居民委员会`. */
export function committeeOf(community: Configuration['community']): string {
  return `${community.name.zh}居民委员会`;
}

function fieldsOf(item: Item): FormField[] {
  return item.form.steps.flatMap((step) => step.fields);
}

/** An answer in words; empty when there is none. */
function answerText(field: FormField, answers: Answers, context: FormContext): Text {
  if (field.kind === 'card') return cardText(field.from, context.card);
  const answer = answers[field.id] ?? '';
  if (answer === '') return same('');
  switch (field.kind) {
    case 'choice':
    case 'estate':
      return optionsOf(field, context).find((option) => option.value === answer)?.label ?? same(answer);
    case 'number':
      return { zh: answer + (field.suffix?.zh ?? ''), en: answer + (field.suffix?.en ?? '') };
    case 'phone':
      return same(answer);
    case 'month':
      return monthText(answer);
    default:
      return unreachable(field);
  }
}

/** Where the resident lives: the estate and the numbers asked with it where they were answered, otherwise the card's address. */
function home(item: Item, answers: Answers, context: ValuesContext): string {
  const step = item.form.steps.find(({ fields }) =>
    fields.some((field) => field.kind === 'estate' && (answers[field.id] ?? '') !== ''),
  );
  if (!step) return cardText('address', context.card).zh;
  const parts = step.fields
    .filter((field) => field.kind === 'estate' || field.kind === 'number')
    .map((field) => answerText(field, answers, context).zh);
  return [context.region, context.community.street.zh, context.community.name.zh, ...parts].join('');
}
