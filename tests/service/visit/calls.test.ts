import { describe, expect, it } from 'vitest';
import { type CallName, calls } from '#contract/calls.ts';
import { SIGNATURE, Stage } from './stage.ts';

const invalid = { ok: false, error: { code: 'invalid' } };
const notNow = { ok: false, error: { code: 'not-now' } };

describe('a call', () => {
  it('with an unknown name or a wrong input changes nothing', async () => {
    const stage = await Stage.open();
    await stage.toHome();
    const before = stage.step;
    expect(stage.terminal.call('visit.destroy', {})).toEqual({ ok: false, error: { code: 'unknown-call' } });
    expect(stage.terminal.call('toString', {})).toEqual({ ok: false, error: { code: 'unknown-call' } });
    expect(stage.terminal.call('visit.chooseItem', { item: 7 })).toEqual(invalid);
    expect(stage.terminal.call('visit.chooseItem', { item: 'x', more: true })).toEqual(invalid);
    expect(stage.terminal.call('visit.display', { language: 'fr' })).toEqual(invalid);
    expect(stage.step).toEqual(before);
  });

  it('that does not belong to the scene is not taken', async () => {
    const stage = await Stage.open();
    const at: Partial<Record<CallName, unknown>> = {
      'visit.chooseItem': { item: 'residence-certificate' },
      'visit.answer': { step: 1, values: {} },
      'visit.submit': { signature: SIGNATURE },
      'visit.rate': { level: 5, reasons: [] },
      'visit.readAlert': { alert: '018f3a52-7c1e-7a10-8f00-000000000001' },
      'speech.say': { id: 1, language: 'zh', words: '您好' },
      'worker.signIn': { pin: '1234' },
      'worker.confirm': { seen: [] },
      'worker.typeZone': { key: 'A' },
      'worker.zoneFormat': { format: 'td1' },
      'worker.identify': { sawOriginal: true },
      'print.again': { job: 'x' },
    };
    const taken = new Set(['screen.ready', 'visit.begin']);
    for (const name of Object.keys(calls).filter((name) => !taken.has(name)) as CallName[]) {
      expect(stage.terminal.call(name, at[name] ?? {}), name).toEqual(notNow);
    }
  });

  it('to begin is taken when nobody is there, and from the farewell, but not within a visit', async () => {
    const stage = await Stage.open();
    await stage.toHome();
    expect(stage.call('visit.begin', { display: {} })).toEqual(notNow);
    await stage.does('visit.end', {});
    await stage.does('visit.begin', { display: { language: 'en' } });
    expect(stage.step.at).toBe('home');
    expect(stage.visit.display.language).toBe('en');
  });

  it('for an item that is not in the catalogue is not taken', async () => {
    const stage = await Stage.open();
    await stage.toHome();
    expect(stage.call('visit.chooseItem', { item: 'divorce' })).toEqual(notNow);
  });

  it('with bad answers names what is wrong and keeps the step', async () => {
    const stage = await Stage.open();
    await stage.toForm();
    await stage.answer({ phone: '12345' });
    expect(stage.stepAt('form')).toMatchObject({ step: 1, problems: { phone: 'not-a-phone' } });
    await stage.answer({ phone: '13800001234' });
    expect(stage.stepAt('form')).toMatchObject({ step: 2, problems: {} });
  });

  it('of a double touch answers the step that was on the screen, and never the next one', async () => {
    const stage = await Stage.open();
    await stage.toForm();
    const touch = { step: 1, values: { phone: '13800001234' } };
    await stage.does('visit.answer', touch);
    expect(stage.call('visit.answer', touch)).toEqual(notNow);
    expect(stage.stepAt('form')).toMatchObject({ step: 2, problems: {} });
  });

  it('back goes one screen back and keeps the answers', async () => {
    const stage = await Stage.open();
    await stage.toCheck();
    await stage.does('visit.back', {});
    expect(stage.stepAt('form')).toMatchObject({ step: 3 });
    await stage.does('visit.back', {});
    await stage.does('visit.back', {});
    expect(stage.stepAt('form').fields.find(({ id }) => id === 'phone')?.value).toBe('13800001234');
    await stage.does('visit.back', {});
    expect(stage.step.at).toBe('consent');
    await stage.does('visit.consent', {});
    expect(stage.step.at).toBe('form');
    await stage.does('visit.back', {});
    await stage.does('visit.back', {});
    await stage.does('visit.back', {});
    expect(stage.step.at).toBe('home');
    expect(stage.call('visit.back', {})).toEqual(notNow);
  });

  it('refusing consent is a real way out', async () => {
    const stage = await Stage.open();
    await stage.toConsent();
    await stage.does('visit.refuseConsent', {});
    expect(stage.step.at).toBe('home');
    expect(stage.audited('visit.consent-refused')).toBe(1);
  });

  it('rates once, with reasons of that level only; skipping is “not rated”', async () => {
    const stage = await Stage.open();
    await stage.toDone();
    expect(stage.call('visit.rate', { level: 5, reasons: ['108'] })).toEqual(invalid);
    expect(stage.call('visit.rate', { level: 5, reasons: ['510', '510'] })).toEqual(invalid);
    await stage.does('visit.rate', { level: 2, reasons: ['213'] });
    expect(stage.stepAt('done').rating).toEqual({ state: 'rated', level: 2 });
    expect(stage.call('visit.rate', { level: 5, reasons: [] })).toEqual(notNow);
    expect(stage.call('visit.skipRating', {})).toEqual(notNow);
    await stage.does('visit.leave', {});
    expect(stage.journaled('rating')).toMatchObject([{ level: 2, reasons: ['213'] }]);
  });

  it('leaving unrated saves “not rated”, never “satisfied”', async () => {
    const stage = await Stage.open();
    await stage.toDone();
    await stage.does('visit.end', {});
    expect(stage.journaled('rating')).toMatchObject([{ level: null }]);
    expect(stage.audited('case.rated')).toBe(1);
  });

  it('for help opens one ticket, however often it is made', async () => {
    const stage = await Stage.open();
    await stage.toHome();
    await stage.does('help.call', {});
    await stage.does('help.call', {});
    expect(stage.visit.help).toMatchObject({ state: 'called' });
    expect(stage.journaled('help')).toHaveLength(1);
    expect(stage.audited('help.called')).toBe(1);
  });
});
