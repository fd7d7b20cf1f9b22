import { describe, expect, it } from 'vitest';
import { RESIDENT, Stage } from './stage.ts';

describe('the card on the reader', () => {
  it('that was left behind raises sound and a ticket ten seconds after the end, and names nobody', async () => {
    const stage = await Stage.open();
    await stage.toDone();
    await stage.does('visit.leave', {});
    await stage.pass(9_000);
    expect(stage.sounds).not.toContain('left-behind');
    await stage.pass(1_500);
    expect(stage.stepAt('leaving').card).toBe('left-behind');
    expect(stage.sounds.filter((sound) => sound === 'left-behind')).toHaveLength(1);
    const [ticket] = stage.journaled('help').slice(-1);
    expect(ticket?.['why']).toBe('card-left-behind');
    expect(Object.keys(ticket ?? {}).sort()).toEqual(['ticket', 'why']);
    expect(stage.audited('card.left-behind')).toBe(1);

    // Nobody comes: the page ends at its deadline, and the next visit waits until the reader is empty.
    await stage.pass(130_000);
    expect(stage.step.at).toBe('attract');
    await stage.does('visit.begin', { display: {} });
    await stage.settle();
    expect(stage.step.at).toBe('clearing');
    stage.reader.lift();
    await stage.pass(1_000);
    expect(stage.step.at).toBe('home');
    expect(stage.sounds.filter((sound) => sound === 'left-behind')).toHaveLength(1);
  });

  it('that lies there after “end” is called out for as well', async () => {
    const stage = await Stage.open();
    await stage.toForm();
    await stage.does('visit.end', {});
    expect(stage.step.at).toBe('ended');
    await stage.pass(11_000);
    expect(stage.step.at).toBe('attract');
    expect(stage.sounds).toContain('left-behind');
  });

  it.each([5_700, 5_900])('is called out for also when “end” comes %i ms after “leave”', async (ms) => {
    const stage = await Stage.open();
    await stage.toDone();
    await stage.does('visit.leave', {});
    for (let left = ms; left > 0; left -= 20) await stage.pass(20);
    await stage.does('visit.end', {});
    for (let left = 5_000; left > 0; left -= 20) await stage.pass(20);
    expect(stage.step.at).toBe('attract');
    expect(stage.sounds).toContain('left-behind');
  });

  it('that is lifted in time raises nothing', async () => {
    const stage = await Stage.open();
    await stage.toForm();
    await stage.does('visit.end', {});
    stage.reader.lift();
    await stage.pass(20_000);
    expect(stage.sounds).toEqual([]);
  });

  it('shows other ways after fifteen seconds without a card', async () => {
    const stage = await Stage.open();
    await stage.toIdentity();
    expect(stage.stepAt('identity').otherWays).toBe(false);
    await stage.pass(15_200);
    expect(stage.stepAt('identity').otherWays).toBe(true);
  });

  it.each([
    ['expired', { ...RESIDENT, validTo: '2026-11-22' }],
    ['number', { ...RESIDENT, number: '120103195002280023' }],
    ['kind', { ...RESIDENT, name: ' ' }],
  ] as const)('that can’t be used is refused (%s), and another one is taken', async (why, card) => {
    const stage = await Stage.open();
    await stage.toIdentity();
    stage.reader.lay(card);
    await stage.settle();
    expect(stage.stepAt('identity').refused).toBe(why);
    stage.reader.lift();
    stage.reader.lay(RESIDENT);
    await stage.settle();
    expect(stage.step.at).toBe('form');
    expect(stage.audited('identity.refused')).toBe(1);
  });

  it('of a foreigner has no address: living “as on the card” is not offered', async () => {
    const stage = await Stage.open();
    await stage.toForm({
      kind: 'foreign-2017',
      name: 'ANNA EXAMPLE',
      sex: '2',
      birth: '1985-04-01',
      number: 'XXX120100000001',
      validFrom: '2020-01-01',
      validTo: '2030-01-01',
      chineseName: '',
      country: 'XXX',
      version: '01',
      authorityCode: '1500',
    });
    await stage.answer({ phone: '13800001234' });
    const residence = stage.stepAt('form').fields.find(({ id }) => id === 'residence');
    expect(residence?.input).toMatchObject({ kind: 'choice', options: [{ value: 'other' }] });
  });

  it('can’t be asked for while the reader is away: the item says so before the start', async () => {
    const stage = await Stage.open();
    await stage.toHome();
    stage.reader.state = { state: 'away', why: 'no answer', remedy: 'plug it in' };
    expect(stage.stepAt('home').items[0]?.unavailable).toBe('reader-away');
    await stage.does('visit.chooseItem', { item: 'residence-certificate' });
    expect(stage.call('visit.start', {})).toEqual({ ok: false, error: { code: 'not-now' } });
  });
});
