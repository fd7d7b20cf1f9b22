import type { Signature } from '#contract/calls.ts';
import type { FormField } from '#contract/catalogue.ts';
import type { Configuration } from '#contract/configuration.ts';
import type { IdCard } from '#contract/devices.ts';
import { unreachable } from '#contract/result.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Application } from '../intake/case-desk.ts';
import { type Answers, acceptStep, type FormContext, optionsOf } from '../intake/form.ts';
import { checkCharacter } from '../intake/receipt-number.ts';
import { between, type Chance, pick } from './chance.ts';

/** Where the fleet's terminals stand. */
export const COMMUNITY: Configuration['community'] = {
  street: { zh: '示例街道', en: 'Example Subdistrict' },
  name: { zh: '示例里社区', en: 'Shilili Community' },
  phone: '022-55500100',
  desk: { zh: '一号窗口', en: 'Window 1' },
  opens: '08:30',
  closes: '18:00',
  estates: [
    { id: 'shilili', name: { zh: '示例里', en: 'Shilili' } },
    { id: 'xinshilili', name: { zh: '新示例里', en: 'New Shilili' } },
  ],
};

const FAMILY_NAMES = ['张', '王', '李', '赵', '刘', '陈', '杨', '黄', '周', '吴'];
const GIVEN_NAMES = ['建国', '秀英', '敏', '桂兰', '伟', '淑珍', '志强', '玉梅', '浩然', '雨桐'];
/** One in so many has a name that takes more bytes than most. */
const LONG_NAMES = 20;
const LONG_NAME = '阿卜杜热西提·阿卜杜克热木江';

/** What an invented resident hands in; its answers have passed the form's own checks. @param today the local day */
export function syntheticApplication(catalogue: Catalogue, today: string, chance: Chance): Application {
  const item = pick(chance, catalogue.content.items);
  const card = syntheticCard(chance);
  const context: FormContext = { card, estates: COMMUNITY.estates, today };
  const answers = item.form.steps.reduce<Answers>((before, { fields, id }, step) => {
    const values = Object.fromEntries(fields.map((field) => [field.id, answerTo(field, context, chance)]));
    const accepted = acceptStep(item, step, before, values, context);
    if (!accepted.ok) throw new Error(`no answer was found for ${Object.keys(accepted.error).join(', ')} in ${id}`);
    return accepted.value;
  }, {});
  return { item, card, answers, signature: syntheticSignature(chance), language: chance() < 0.9 ? 'zh' : 'en' };
}

function syntheticCard(chance: Chance): IdCard {
  const [year, month, day] = [between(chance, 1935, 2004), between(chance, 1, 12), between(chance, 1, 28)];
  const birth = `${year}-${twoDigits(month)}-${twoDigits(day)}`;
  const sex = pick(chance, ['1', '2']);
  const digits = `120103${birth.replaceAll('-', '')}00${sex}`;
  const [road, house, room] = [between(chance, 1, 99), between(chance, 1, 30), between(chance, 101, 1802)];
  return {
    kind: 'resident',
    name: between(chance, 1, LONG_NAMES) === 1 ? LONG_NAME : pick(chance, FAMILY_NAMES) + pick(chance, GIVEN_NAMES),
    sex,
    birth,
    number: digits + checkCharacter(digits),
    validFrom: '2020-01-01',
    validTo: 'long-term',
    nation: '01',
    address: `天津市河西区示例路${road}号示例里${house}号楼${room}号`,
    authority: '天津市公安局河西分局',
  };
}

function answerTo(field: FormField, context: FormContext, chance: Chance): string {
  switch (field.kind) {
    case 'card':
      return '';
    case 'choice':
    case 'estate':
      return pick(chance, optionsOf(field, context)).value;
    case 'number':
      return String(between(chance, 1, 10 ** field.digits - 1));
    case 'phone':
      return `1380000${String(between(chance, 0, 9999)).padStart(4, '0')}`;
    case 'month':
      return `${between(chance, 2010, 2024)}-${twoDigits(between(chance, 1, 12))}`;
    default:
      return unreachable(field);
  }
}

/** As many points as a finger leaves in some seconds, each not far from the one before. */
function syntheticSignature(chance: Chance): Signature {
  let ms = 0;
  const strokes = Array.from({ length: between(chance, 2, 8) }, () => {
    let [x, y] = [between(chance, 100, 900), between(chance, 50, 350)];
    let [right, down] = [0, 0];
    return Array.from({ length: between(chance, 15, 50) }, () => {
      ms += between(chance, 15, 18);
      [right, down] = [turned(right, chance), turned(down, chance)];
      [x, y] = [Math.min(Math.max(x + right, 0), 1000), Math.min(Math.max(y + down, 0), 400)];
      return [x, y, ms];
    }).flat();
  });
  return { height: 400, strokes };
}

/** A speed that a finger has a moment later. */
function turned(speed: number, chance: Chance): number {
  return Math.trunc(speed * 0.8) + between(chance, -6, 6);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
