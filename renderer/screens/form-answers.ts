import type { FieldView } from '#contract/visit.ts';

export type Values = Readonly<Record<string, string>>;

/** A mainland mobile number has 11 digits, a fixed line with its area code at most 12. */
const PHONE_DIGITS = 12;

/** Whether a question stands on the screen: its condition over another question of this step holds, and that one stands too. */
export function isAsked(field: FieldView, fields: readonly FieldView[], values: Values): boolean {
  const { when } = field;
  if (when === undefined) return true;
  const other = fields.find((candidate) => candidate.id === when.field);
  // A question of an earlier step was judged by the service, which left this one in.
  if (other === undefined) return true;
  return values[other.id] === when.is && isAsked(other, fields, values);
}

/** The answers of the questions that stand on the screen. */
export function answersOf(fields: readonly FieldView[], values: Values): Values {
  const asked = fields.filter((field) => field.input.kind !== 'fixed' && isAsked(field, fields, values));
  return Object.fromEntries(asked.map(({ id }) => [id, values[id] ?? '']));
}

/** The most digits that the pad writes into a field, or null where it has no business. */
export function padLimit({ input }: FieldView): number | null {
  switch (input.kind) {
    case 'number':
      return input.digits;
    case 'phone':
      return PHONE_DIGITS;
    case 'fixed':
    case 'choice':
    case 'month':
      return null;
  }
}
