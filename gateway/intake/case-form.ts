/** A case against the catalogue package that its entry names. */
import type { CataloguePackage, FormField } from '#contract/catalogue.ts';
import { unreachable } from '#contract/result.ts';
import { Month, Phone } from '#contract/text.ts';

/** What a case says, without the person. */
export interface CaseAnswers {
  readonly item: string;
  readonly open: Readonly<Record<string, string>>;
  readonly sealed: Readonly<Record<string, string>>;
}

/**
 * Whether a case is one of this package: its item is there, every answer belongs to a question of the form and has its shape, and none that is
 * personal stands in the open. That a question was left out is the desk's to see.
 */
export function faultOfCase(
  content: CataloguePackage,
  { item: id, open, sealed }: CaseAnswers,
): 'item' | 'answers' | null {
  const item = content.items.find((one) => one.id === id);
  if (!item) return 'item';
  const fields = new Map(item.form.steps.flatMap((step) => step.fields).map((field) => [field.id, field]));
  const fits = ([name, value]: [string, string], isOpen: boolean): boolean => {
    const field = fields.get(name);
    return field !== undefined && !(isOpen && field.personal) && hasShape(field, value);
  };
  const isFit =
    Object.entries(open).every((answer) => fits(answer, true)) &&
    Object.entries(sealed).every((answer) => fits(answer, false));
  return isFit ? null : 'answers';
}

function hasShape(field: FormField, value: string): boolean {
  switch (field.kind) {
    case 'card':
    case 'estate':
      // What a card says, and the names of a community's estates, no package knows.
      return value !== '';
    case 'choice':
      return field.options.some((option) => option.value === value);
    case 'number':
      return /^\d+$/.test(value) && value.length <= field.digits;
    case 'phone':
      return Phone.safeParse(value).success;
    case 'month':
      return Month.safeParse(value).success;
    default:
      return unreachable(field);
  }
}
