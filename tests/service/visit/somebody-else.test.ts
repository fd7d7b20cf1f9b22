import { describe, expect, it } from 'vitest';
import type { IdCard } from '#contract/devices.ts';
import { RESIDENT, Stage } from './stage.ts';

const OTHER: IdCard = { ...RESIDENT, name: '李四', number: '120107195002280000', address: '天津市河西区示例路7号' };

async function choosesAgain(stage: Stage): Promise<void> {
  await stage.does('visit.chooseItem', { item: 'residence-certificate' });
  await stage.does('visit.start', {});
  await stage.does('visit.consent', {});
}

/** Nothing of the resident stands in a snapshot since the call. */
async function showsNothingOf(stage: Stage, does: () => Promise<void>): Promise<void> {
  const from = stage.events.length;
  await does();
  const shown = JSON.stringify(stage.events.slice(from));
  for (const word of [RESIDENT.name, RESIDENT.address, '13800001234']) expect(shown).not.toContain(word);
}

describe('somebody else who comes to an open visit', () => {
  it('lays a card of their own when the one before refused and went', async () => {
    const stage = await Stage.open();
    await stage.toForm();
    await stage.does('visit.back', {});
    await stage.does('visit.refuseConsent', {});
    await showsNothingOf(stage, async () => {
      await choosesAgain(stage);
      expect(stage.step.at).toBe('identity');
      stage.reader.lift();
      stage.reader.lay(OTHER);
      await stage.settle();
      expect(stage.step.at).toBe('form');
    });
  });

  it('lays a card of their own when the one before lifted theirs, and finds no answers', async () => {
    const stage = await Stage.open();
    await stage.toForm();
    await stage.answer({ phone: '13800001234' });
    await stage.answer({ residence: 'other', estate: 'ceshili', building: '3', room: '501' });
    for (let i = 0; i < 3; i += 1) await stage.does('visit.back', {});
    expect(stage.step.at).toBe('consent');
    stage.reader.lift();
    await stage.pass(1_000);
    await showsNothingOf(stage, async () => {
      await stage.does('visit.consent', {});
      expect(stage.step.at).toBe('identity');
      stage.reader.lay(OTHER);
      await stage.settle();
      await stage.answer({ phone: '13900005678' });
      expect(stage.stepAt('form').fields.every(({ value }) => value === '')).toBe(true);
    });
  });

  it('is nobody else while the card lies there: the answers stay', async () => {
    const stage = await Stage.open();
    await stage.toForm();
    await stage.answer({ phone: '13800001234' });
    await stage.does('visit.back', {});
    await stage.does('visit.back', {});
    await stage.does('visit.consent', {});
    const phone = stage.stepAt('form').fields.find(({ id }) => id === 'phone');
    expect(phone?.value).toBe('13800001234');
  });
});
