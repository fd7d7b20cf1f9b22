import type { FormField, Item } from '#contract/catalogue.ts';
import type { Configuration } from '#contract/configuration.ts';
import type { Person } from '#contract/person.ts';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import { Month, Phone } from '#contract/text.ts';
import type { FieldProblem, FieldView } from '#contract/visit.ts';
import { cardText } from './card.ts';
import { maskNumber } from './mask.ts';

export type Answers = Readonly<Record<string, string>>;

/** What questions are filled in from. */
export interface FormContext {
  readonly card: Person;
  readonly estates: Configuration['community']['estates'];
  /** Local day, `YYYY-MM-DD`. */
  readonly today: string;
}

/** A choice with this value stands for the address on the card; without one it is not offered. */
const AS_ON_CARD = 'as-on-card';

/** The questions of one step as the screen shows them; what this kind of card or document does not say is left out. */
export function stepView(item: Item, step: number, answers: Answers, context: FormContext): FieldView[] {
  const fields = item.form.steps[step]?.fields ?? [];
  const here = new Set(fields.map((field) => field.id));
  return fields
    .filter((field) => field.kind !== 'card' || cardText(field.from, context.card).zh !== '')
    .filter((field) => !field.when || here.has(field.when.field) || answers[field.when.field] === field.when.is)
    .map((field) => fieldView(field, answers, context));
}

function fieldView(field: FormField, answers: Answers, context: FormContext): FieldView {
  return {
    id: field.id,
    label: field.label,
    ...(field.hint ? { hint: field.hint } : {}),
    required: field.required,
    ...(field.when ? { when: field.when } : {}),
    input: inputOf(field, context),
    value: field.kind === 'card' ? shownCardText(field.from, context.card) : (answers[field.id] ?? ''),
  };
}

function shownCardText(from: Extract<FormField, { kind: 'card' }>['from'], card: Person): string {
  const text = cardText(from, card).zh;
  return from === 'number' ? maskNumber(text) : text;
}

function inputOf(field: FormField, context: FormContext): FieldView['input'] {
  switch (field.kind) {
    case 'card':
      return { kind: 'fixed' };
    case 'choice':
    case 'estate':
      return { kind: 'choice', options: optionsOf(field, context) };
    case 'number':
      return { kind: 'number', digits: field.digits, ...(field.suffix ? { suffix: field.suffix } : {}) };
    case 'phone':
      return { kind: 'phone' };
    case 'month':
      return { kind: 'month', notAfter: context.today.slice(0, 7), notBefore: earliestMonth(context) };
    default:
      return unreachable(field);
  }
}

/** The possible answers of a choice. */
export function optionsOf(
  field: Extract<FormField, { kind: 'choice' | 'estate' }>,
  context: FormContext,
): { value: string; label: { zh: string; en: string } }[] {
  if (field.kind === 'estate') return context.estates.map(({ id, name }) => ({ value: id, label: name }));
  const hasAddress = cardText('address', context.card).zh !== '';
  return field.options.filter((option) => option.value !== AS_ON_CARD || hasAddress);
}

/** Nothing about a person happened before the birth month. */
function earliestMonth({ card }: FormContext): string {
  const month = card.birth.slice(0, 7);
  return Month.safeParse(month).success ? month : '1900-01';
}

/**
 * Checks the answers of one step.
 * @returns all answers so far with the step's own replaced, or what is wrong, question by question.
 */
export function acceptStep(
  item: Item,
  step: number,
  before: Answers,
  values: Answers,
  context: FormContext,
): Result<Answers, Record<string, FieldProblem>> {
  const answers: Record<string, string> = { ...before };
  const problems: Record<string, FieldProblem> = {};
  for (const field of item.form.steps[step]?.fields ?? []) {
    delete answers[field.id];
    if (field.kind === 'card' || (field.when && answers[field.when.field] !== field.when.is)) continue;
    const given = (values[field.id] ?? '').normalize('NFKC').trim();
    if (given === '') {
      if (field.required) problems[field.id] = 'required';
      continue;
    }
    const accepted = acceptAnswer(field, given, context);
    if (accepted.ok) answers[field.id] = accepted.value;
    else problems[field.id] = accepted.error;
  }
  return Object.keys(problems).length > 0 ? err(problems) : ok(answers);
}

function acceptAnswer(
  field: Exclude<FormField, { kind: 'card' }>,
  given: string,
  context: FormContext,
): Result<string, FieldProblem> {
  switch (field.kind) {
    case 'choice':
    case 'estate':
      return optionsOf(field, context).some((option) => option.value === given) ? ok(given) : err('not-a-choice');
    case 'number':
      if (!/^\d+$/.test(given)) return err('not-a-number');
      return given.length <= field.digits ? ok(given) : err('too-long');
    case 'phone': {
      const plain = given.replaceAll(/[\s-]/g, '');
      return Phone.safeParse(plain).success ? ok(plain) : err('not-a-phone');
    }
    case 'month':
      if (!Month.safeParse(given).success || given < earliestMonth(context)) return err('not-a-month');
      return given <= context.today.slice(0, 7) ? ok(given) : err('in-the-future');
    default:
      return unreachable(field);
  }
}
