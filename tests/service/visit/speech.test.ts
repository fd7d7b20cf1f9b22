import { expect, it } from 'vitest';
import { Stage } from './stage.ts';

const notNow = { ok: false, error: { code: 'not-now' } };

function sounds(stage: Stage) {
  return stage.events.filter((event) => event.event === 'speech');
}

it('words become sound only for whoever is read to', async () => {
  const stage = await Stage.open();
  const words = { id: 7, language: 'zh', words: '您要办什么？' } as const;
  expect(stage.call('speech.say', words)).toEqual(notNow);
  await stage.toHome();
  expect(stage.call('speech.say', words)).toEqual(notNow);
  await stage.does('visit.display', { speech: 'on' });
  expect(stage.call('speech.say', words)).toEqual({ ok: true });
  await expect.poll(() => sounds(stage)).toMatchObject([{ id: 7 }]);
  expect(sounds(stage)[0]?.sound).toMatch(/^UklGR/);
});

it('is not the sign of a person: what is read aloud to nobody ends like any visit', async () => {
  const stage = await Stage.open();
  await stage.does('visit.begin', { display: { speech: 'on' } });
  for (let second = 0; second < 240; second += 10) {
    stage.call('speech.say', { id: second, language: 'zh', words: '请放身份证。' });
    await stage.pass(10_000);
  }
  await stage.pass(1_000);
  expect(stage.step.at).toBe('ended');
});

it('stays at the farewell, and is off for the next', async () => {
  const stage = await Stage.open();
  await stage.does('visit.begin', { display: { speech: 'on' } });
  await stage.does('visit.end', {});
  expect(stage.call('speech.say', { id: 1, language: 'zh', words: '您慢走。' })).toEqual({ ok: true });
  await stage.does('visit.begin', { display: {} });
  expect(stage.visit.display.speech).toBe('off');
});
