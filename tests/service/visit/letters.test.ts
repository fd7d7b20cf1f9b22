import { describe, expect, it } from 'vitest';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import { yearsOn } from '#main/service/visit/letters.ts';
import { RESIDENT, Stage } from './stage.ts';

describe('full years', () => {
  it.each([
    ['2026-11-23', '1966-11-23', 60],
    ['2026-11-23', '1966-11-24', 59],
    ['2026-02-28', '1966-02-28', 60],
    // A document that tells only the year or the month.
    ['2026-11-23', '1966', 59],
    ['2026-12-31', '1966-05', 60],
  ])('on %s of who was born on %s: %i', (day, birth, years) => {
    expect(yearsOn(day, birth)).toBe(years);
  });

  it('are none where the birthday is no date', () => {
    expect(yearsOn('2026-11-23', '????')).toBeNaN();
  });
});

describe('larger letters', () => {
  it('are offered to an elder while the form is on the screen, and wait for no answer', async () => {
    const stage = await Stage.open();
    await stage.toIdentity();
    expect(stage.visit.offer).toBe('none');
    stage.reader.lay(RESIDENT);
    await stage.settle();
    expect(stage.visit).toMatchObject({ offer: 'large-letters', display: { mode: 'standard' }, step: { at: 'form' } });
    await stage.does('visit.answer', { step: 1, values: { phone: '13800001234' } });
    expect(stage.visit.offer).toBe('large-letters');
    await stage.does('visit.back', {});
    await stage.does('visit.back', {});
    expect(stage.visit.offer).toBe('none');
  });

  it('come with the longer time when they are taken, and are not offered again', async () => {
    const stage = await Stage.open();
    await stage.toForm();
    await stage.does('visit.display', { mode: 'elder' });
    expect(stage.visit).toMatchObject({ offer: 'none', display: { mode: 'elder' }, deadline: { totalMs: 240_000 } });
    await stage.does('visit.display', { mode: 'standard' });
    expect(stage.visit.offer).toBe('none');
  });

  it('are not offered again to who does not want them', async () => {
    const stage = await Stage.open();
    await stage.toForm();
    await stage.does('visit.keepLetters', {});
    expect(stage.visit).toMatchObject({ offer: 'none', display: { mode: 'standard' } });
    expect(stage.call('visit.keepLetters', {})).toEqual({ ok: false, error: { code: 'not-now' } });
  });

  it('are not offered to who chose a size before, nor to the young', async () => {
    const chooser = await Stage.open();
    await chooser.toIdentity();
    await chooser.does('visit.display', { mode: 'elder' });
    await chooser.does('visit.display', { mode: 'standard' });
    chooser.reader.lay(RESIDENT);
    await chooser.settle();
    expect(chooser.visit).toMatchObject({ offer: 'none', step: { at: 'form' } });

    const young = await Stage.open();
    await young.toIdentity();
    young.reader.lay({ ...RESIDENT, birth: '1994-02-28', number: '12010319940228002X' });
    await young.settle();
    expect(young.visit.offer).toBe('none');
  });

  it('leave nothing of the offer for the next person', async () => {
    const stage = await Stage.open();
    await stage.toForm();
    await stage.does('visit.display', { reach: 'low', hand: 'left', theme: 'dark' });
    expect(stage.visit.offer).toBe('large-letters');
    await stage.does('visit.end', {});
    stage.reader.lift();
    await stage.pass(10_000);
    expect(stage.visit).toMatchObject({ offer: 'none', step: { at: 'attract' } });
    expect(stage.visit.display).toEqual(STANDARD_DISPLAY);
  });
});
