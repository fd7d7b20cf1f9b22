import type { FormField, Item } from '#contract/catalogue.ts';
import type { Configuration } from '#contract/configuration.ts';
import { unreachable } from '#contract/result.ts';
import type { Text } from '#contract/text.ts';
import { cardText, numberOnPaper } from './card.ts';
import { type Answers, type FormContext, optionsOf } from './form.ts';
import { maskNumber } from './mask.ts';
import { dayText, monthText, same } from './words.ts';

type FormStep = Item['form']['steps'][number];

export interface Row {
  readonly label: Text;
  readonly value: Text;
}

/**
 * All answered questions with their answers in words, for the check page and for the worker. The ID number is masked; an estate
 * and the numbers asked with it are one address, beside the question that led to them.
 */
export function rowsOf(item: Item, answers: Answers, context: FormContext): Row[] {
  return item.form.steps.flatMap((step) => {
    const door = doorOf(step, answers, context);
    return step.fields.flatMap((field) => {
      if (door && field.id === door.asked) return [{ label: field.label, value: door.address }];
      if (door && isOfDoor(field)) return [];
      const text = answerText(field, answers, context);
      if (text.zh === '') return [];
      const masked = field.kind === 'card' && field.from === 'number';
      return [{ label: field.label, value: masked ? same(maskNumber(text.zh)) : text }];
    });
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
    number: numberOnPaper(context.card, context.card.number),
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

function isOfDoor({ kind }: FormField): boolean {
  return kind === 'estate' || kind === 'number';
}

/** The estate that a step asks for with its numbers, and the question that led there; null where no estate was answered. */
function doorOf({ fields }: FormStep, answers: Answers, context: FormContext): { asked: string; address: Text } | null {
  const estate = fields.find((field) => field.kind === 'estate');
  if (!estate || !answers[estate.id]) return null;
  const parts = fields.filter((field) => isOfDoor(field) && answers[field.id]);
  const words = parts.map((field) => {
    const { zh, en } = answerText(field, answers, context);
    return { zh, en: field.kind === 'number' ? `${field.label.en} ${answers[field.id]}` : en };
  });
  const address = { zh: words.map(({ zh }) => zh).join(''), en: words.map(({ en }) => en).join(', ') };
  return { asked: estate.when?.field ?? estate.id, address };
}

/** Where the resident lives: the estate and the numbers asked with it where they were answered, otherwise the card's address. */
function home(item: Item, answers: Answers, context: ValuesContext): string {
  for (const step of item.form.steps) {
    const door = doorOf(step, answers, context);
    if (door) return [context.region, context.community.street.zh, context.community.name.zh, door.address.zh].join('');
  }
  return cardText('address', context.card).zh;
}
