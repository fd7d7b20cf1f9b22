import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { acceptStep, type FormContext, stepView } from '#main/service/intake/form.ts';
import { documentValues, fill, rowsOf } from '#main/service/intake/values.ts';
import { RESIDENT } from '../visit/stage.ts';

const catalogue = loadCatalogue('image/catalogue');
if (!catalogue.ok) throw new Error(catalogue.error.detail);
const item = catalogue.value.item('residence-certificate');
if (!item) throw new Error('the first item is gone');

const context: FormContext = {
  card: RESIDENT,
  estates: [{ id: 'ceshili', name: { zh: '测试里', en: 'Ceshili' } }],
  today: '2026-11-23',
};

function problems(step: number, values: Record<string, string>) {
  const accepted = acceptStep(item ?? missing(), step, {}, values, context);
  return accepted.ok ? {} : accepted.error;
}

function missing(): never {
  throw new Error('no item');
}

describe('a form’s answers', () => {
  it.each(['13800001234', '138 0000 1234', '１３８００００１２３４', '022-55500107', '0316 5550107'])(
    'take the phone %s',
    (phone) => {
      expect(problems(0, { phone })).toEqual({});
    },
  );

  it.each(['12800001234', '1380000123', '110', '022-0550010', '+86abc'])('refuse the phone %s', (phone) => {
    expect(problems(0, { phone })).toEqual({ phone: 'not-a-phone' });
  });

  it('ask for the other address only when it is chosen', () => {
    expect(problems(1, { residence: 'as-on-card' })).toEqual({});
    expect(problems(1, { residence: 'other' })).toEqual({ estate: 'required', building: 'required', room: 'required' });
    expect(problems(1, { residence: 'moon' })).toEqual({ residence: 'not-a-choice' });
    expect(problems(1, { residence: 'other', estate: 'nowhere', building: '3a', room: '123456' })).toEqual({
      estate: 'not-a-choice',
      building: 'not-a-number',
      room: 'too-long',
    });
  });

  it('drop what is no longer asked', () => {
    const before = { residence: 'other', estate: 'ceshili', building: '3', room: '5', phone: '13800001234' };
    const accepted = acceptStep(item, 1, before, { residence: 'as-on-card', estate: 'ceshili' }, context);
    expect(accepted).toEqual({ ok: true, value: { residence: 'as-on-card', phone: '13800001234' } });
  });

  it.each([
    ['2026-11', null],
    ['2026-12', 'in-the-future'],
    ['1950-01', 'not-a-month'],
    ['2018-13', 'not-a-month'],
    ['soon', 'not-a-month'],
  ])('judge the month %s', (since, problem) => {
    expect(problems(2, { since, tenure: 'owned', purpose: 'school' })).toEqual(problem ? { since: problem } : {});
  });

  it('ignore what was not asked', () => {
    expect(acceptStep(item, 0, {}, { phone: '13800001234', name: 'X', __proto__: 'y' }, context)).toEqual({
      ok: true,
      value: { phone: '13800001234' },
    });
  });
});

describe('a form on the screen', () => {
  it('shows the month from birth to today', () => {
    const since = stepView(item, 2, {}, context)[0];
    expect(since?.input).toEqual({ kind: 'month', notAfter: '2026-11', notBefore: '1950-02' });
  });
});

describe('what documents say', () => {
  const community = {
    street: { zh: '友谊路街道', en: 'Y' },
    name: { zh: '测试里社区', en: 'C' },
    phone: '1',
    desk: { zh: '一号窗口', en: 'W' },
    opens: '09:00',
    closes: '17:30',
    estates: context.estates,
  };
  const values = { ...context, community, region: '天津市河西区' };

  it('is the card’s address for who lives there', () => {
    const words = documentValues(item, { residence: 'as-on-card', since: '2018-03' }, values, '');
    expect(words['home']).toBe(RESIDENT.address);
    expect(words['since']).toBe('2018年3月');
    expect(words['committee']).toBe('测试里社区居民委员会');
  });

  it('is the estate’s address for who lives elsewhere in the community', () => {
    const answers = { residence: 'other', estate: 'ceshili', building: '3', entrance: '2', room: '501' };
    expect(documentValues(item, answers, values, '')['home']).toBe(
      '天津市河西区友谊路街道测试里社区测试里3号楼2门501室',
    );
  });

  it('sets values as they are, whatever they look like', () => {
    expect(fill('{name}住在{home}', { name: '{home}$&', home: '#eval("x")' })).toBe('{home}$&住在#eval("x")');
  });

  it('is one row of the check page, beside the question that led to it', () => {
    const answers = { residence: 'other', estate: 'ceshili', building: '3', room: '501', tenure: 'rented' };
    const rows = rowsOf(item, answers, context).map(({ label, value }) => [label.zh, value.zh, value.en]);
    expect(rows.slice(-2)).toEqual([
      ['现住址', '测试里3号楼501室', 'Ceshili, Building 3, Room 501'],
      ['房屋是', '租的房子', expect.any(String)],
    ]);
    const onCard = rowsOf(item, { residence: 'as-on-card' }, context);
    expect(onCard.map(({ label }) => label.zh).slice(-1)).toEqual(['现住址']);
  });

  it('masks the number in every list of answers', () => {
    const rows = rowsOf(item, { phone: '13800001234' }, context);
    expect(JSON.stringify(rows)).not.toContain(RESIDENT.number);
  });
});
