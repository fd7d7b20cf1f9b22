import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type IdCard, PHOTO_MOST_BYTES } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { Sensitive } from '#contract/sensitive.ts';
import { drawPhotograph } from '../../simulators/id-card/photograph.ts';
import { PASSPORT, PIN, RESIDENT, SIGNATURE, Stage } from './stage.ts';

const OTHER: IdCard = { ...RESIDENT, name: '李四', number: '120107195002280000' };
const ANSWERS = [
  { phone: '13800001234' },
  { residence: 'other', estate: 'ceshili', building: '3', entrance: '2', room: '501' },
  { since: '2018-03', tenure: 'owned', purpose: 'school' },
];
/** Shades of the ovals on two people's cards. */
const [HERS, HIS] = [120, 60];

const address = (shade: number) => `data:image/bmp;base64,${Buffer.from(drawPhotograph(shade)).toString('base64')}`;

/** A vendor's program that decodes one photograph after another. @returns the service's own bytes, in that order. */
function decodes(stage: Stage, ...pictures: Uint8Array[]): Uint8Array[] {
  const given: Uint8Array[] = [];
  stage.reader.decoder = async () => {
    const bytes = pictures[given.length];
    if (!bytes) throw new Error('a photograph too many was asked for');
    given.push(bytes);
    return ok({ type: 'image/bmp', bytes: new Sensitive(bytes) });
  };
  return given;
}

/** The photographs that the screen was sent since then. */
function shown(stage: Stage, since = 0): string[] {
  return JSON.stringify(stage.events.slice(since)).match(/data:[^"]*/g) ?? [];
}

function confirming(stage: Stage) {
  const { worker } = stage.stepAt('done');
  if (worker.at !== 'confirming') throw new Error(`at ${worker.at} instead of confirming`);
  return worker;
}

async function workerSignsIn(stage: Stage): Promise<void> {
  await stage.does('worker.arrive', {});
  await stage.does('worker.signIn', { pin: PIN });
  await stage.until(() => stage.stepAt('done').worker.at === 'confirming');
}

async function handsIn(stage: Stage): Promise<void> {
  for (const values of ANSWERS) await stage.answer(values);
  await stage.does('visit.submit', { signature: SIGNATURE });
}

async function choosesAgain(stage: Stage): Promise<void> {
  await stage.does('visit.chooseItem', { item: 'residence-certificate' });
  await stage.does('visit.start', {});
  await stage.does('visit.consent', {});
}

const isOverwritten = (bytes: Uint8Array | undefined) => bytes?.every((byte) => byte === 0);

describe('the photograph of the card', () => {
  it('is named before consent where it is decoded, and nowhere else', async () => {
    const named = async (stage: Stage) => {
      await stage.toConsent();
      return JSON.stringify(stage.stepAt('consent').data).includes('证件上的照片');
    };
    expect(await named(await Stage.open())).toBe(false);
    const stage = await Stage.open();
    decodes(stage, drawPhotograph(HERS));
    expect(await named(stage)).toBe(true);
  });

  it('is shown to a worker who has signed in, and on no page before', async () => {
    const stage = await Stage.open();
    decodes(stage, drawPhotograph(HERS));
    await stage.toDone();
    await stage.does('visit.callWorker', {});
    await stage.does('worker.arrive', {});
    await stage.does('worker.signIn', { pin: '0000' });
    await stage.until(() => stage.audited('staff.pin-wrong') === 1);
    expect(shown(stage)).toEqual([]);
    await stage.does('worker.signIn', { pin: PIN });
    await stage.until(() => stage.stepAt('done').worker.at === 'confirming');
    expect(confirming(stage).photo).toBe(address(HERS));
  });

  it.each([
    ['leaves', (stage: Stage) => stage.does('worker.leave', {})],
    ['refuses', (stage: Stage) => stage.does('worker.refuse', {})],
    ['confirms', (stage: Stage) => stage.does('worker.confirm', { seen: ['face', 'home', 'lives'] })],
  ])('is gone from the screen when the worker %s', async (_how, goes) => {
    const stage = await Stage.open();
    decodes(stage, drawPhotograph(HERS));
    await stage.toConfirming();
    await goes(stage);
    expect(stage.stepAt('done').worker.at).not.toBe('confirming');
    expect(JSON.stringify(stage.visit)).not.toContain('data:');
  });

  it('is shown again to the worker who comes back to the same sheet', async () => {
    const stage = await Stage.open();
    decodes(stage, drawPhotograph(HERS));
    await stage.toConfirming();
    await stage.does('worker.leave', {});
    await stage.does('worker.arrive', {});
    expect(JSON.stringify(stage.visit)).not.toContain('data:');
    await stage.does('worker.leave', {});
    await workerSignsIn(stage);
    expect(confirming(stage).photo).toBe(address(HERS));
  });

  it('may be as large as the driver lets through', async () => {
    const stage = await Stage.open();
    stage.reader.decoder = async () =>
      ok({ type: 'image/jpeg', bytes: new Sensitive(new Uint8Array(PHOTO_MOST_BYTES).fill(7)) });
    await stage.toConfirming();
    expect(confirming(stage).photo).toMatch(/^data:image\/jpeg;base64,Bw/);
  });

  it('is in no file and in no line of the log', async () => {
    const stage = await Stage.open();
    decodes(stage, drawPhotograph(HERS));
    await stage.toConfirming();
    // A row through the middle of the oval.
    const row = Buffer.from(drawPhotograph(HERS)).subarray(20_000, 20_060);
    expect(new Set(row).size).toBeGreaterThan(3);
    await stage.does('worker.confirm', { seen: ['face', 'home', 'lives'] });
    await stage.until(() => stage.paper('certificate')?.print.state === 'confirmed');
    const files = readdirSync(stage.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(3);
    for (const { parentPath, name } of files) {
      const bytes = readFileSync(join(parentPath, name));
      expect([name, bytes.includes(row), bytes.includes('data:image')]).toEqual([name, false, false]);
    }
    for (const secret of [row.toString('base64'), row.toString('hex'), [...row].join(), 'data:image']) {
      expect(stage.logged.join('')).not.toContain(secret);
    }
  });
});

describe('the photograph is overwritten', () => {
  it.each<[string, (stage: Stage) => Promise<void>]>([
    ['form', (stage) => stage.toForm()],
    ['check', (stage) => stage.toCheck()],
    ['done', (stage) => stage.toDone()],
    ['done, a worker confirming', (stage) => stage.toConfirming()],
  ])('by the end, at: %s', async (_at, go) => {
    const stage = await Stage.open();
    const [hers] = await withOne(stage, go);
    expect(isOverwritten(hers)).toBe(false);
    await stage.does('visit.end', {});
    expect(stage.step).toEqual({ at: 'ended' });
    expect(isOverwritten(hers)).toBe(true);
  });

  it('when the resident leaves, before the card is taken', async () => {
    const stage = await Stage.open();
    const [hers] = await withOne(stage, () => stage.toDone());
    await stage.does('visit.leave', {});
    expect(stage.step.at).toBe('leaving');
    expect(isOverwritten(hers)).toBe(true);
  });

  it('when nobody stands there any more, even under a worker’s sheet', async () => {
    const stage = await Stage.open();
    const [hers] = await withOne(stage, () => stage.toConfirming());
    await stage.pass(121_000);
    expect(stage.step.at).toBe('leaving');
    expect(isOverwritten(hers)).toBe(true);
  });

  it('when the resident does not agree to another item', async () => {
    const stage = await Stage.open();
    const [hers] = await withOne(stage, () => stage.toForm());
    await stage.does('visit.back', {});
    await stage.does('visit.refuseConsent', {});
    expect(isOverwritten(hers)).toBe(true);
  });

  it('when the card is refused, and the next card brings its own', async () => {
    const stage = await Stage.open();
    const given = decodes(stage, drawPhotograph(HERS), drawPhotograph(HIS));
    await stage.toIdentity();
    stage.reader.lay({ ...RESIDENT, validTo: '2020-01-01' });
    await stage.settle();
    expect(stage.stepAt('identity').refused).toBe('expired');
    expect(isOverwritten(given[0])).toBe(true);
    stage.reader.lift();
    stage.reader.lay(OTHER);
    await stage.settle();
    await handsIn(stage);
    await workerSignsIn(stage);
    expect(confirming(stage).photo).toBe(address(HIS));
  });

  async function withOne(stage: Stage, go: (stage: Stage) => Promise<void>): Promise<Uint8Array[]> {
    const given = decodes(stage, drawPhotograph(HERS));
    await go(stage);
    return given;
  }
});

describe('another item', () => {
  async function another(): Promise<{ stage: Stage; given: Uint8Array[] }> {
    const stage = await Stage.open();
    const given = decodes(stage, drawPhotograph(HERS), drawPhotograph(HIS));
    await stage.toConfirming();
    await stage.does('worker.leave', {});
    await stage.does('visit.another', {});
    return { stage, given };
  }

  it('shows it again only to a worker, while the card still lies there', async () => {
    const { stage, given } = await another();
    const since = stage.events.length;
    await choosesAgain(stage);
    await handsIn(stage);
    expect(shown(stage, since)).toEqual([]);
    await workerSignsIn(stage);
    expect(confirming(stage).photo).toBe(address(HERS));
    expect(given).toHaveLength(1);
  });

  it('of somebody else shows theirs', async () => {
    const { stage, given } = await another();
    stage.reader.lift();
    await choosesAgain(stage);
    expect(stage.step.at).toBe('identity');
    expect(isOverwritten(given[0])).toBe(true);
    stage.reader.lay(OTHER);
    await stage.settle();
    await handsIn(stage);
    await workerSignsIn(stage);
    expect(confirming(stage).photo).toBe(address(HIS));
  });

  it('of somebody whose document a worker took in shows none', async () => {
    const { stage, given } = await another();
    stage.reader.lift();
    await choosesAgain(stage);
    await stage.signsIn();
    await stage.identifies(PASSPORT);
    await handsIn(stage);
    await workerSignsIn(stage);
    expect(confirming(stage).photo).toBeNull();
    expect(given).toHaveLength(1);
  });
});

describe('a vendor’s program', () => {
  type Decoded = Awaited<ReturnType<NonNullable<Stage['reader']['decoder']>>>;
  const failed = err({ code: 'not-available', why: 'decoder-failed', remedy: 'check it' } as const);

  /** One that has not answered yet. */
  function thinks(stage: Stage): { answers(given: Decoded): Promise<void> } {
    const { promise, resolve } = Promise.withResolvers<Decoded>();
    stage.reader.decoder = () => promise;
    return {
      async answers(given) {
        resolve(given);
        await stage.settle();
      },
    };
  }

  it('that fails ends nothing: the sheet is as it is without one', async () => {
    const stage = await Stage.open();
    stage.reader.decoder = async () => failed;
    await stage.toConfirming();
    expect(confirming(stage).photo).toBeNull();
  });

  it('that is slow is waited for, with the page and its ways out as they are', async () => {
    const stage = await Stage.open();
    const program = thinks(stage);
    await stage.toForm();
    expect(stage.stepAt('identity').reader).toEqual({ state: 'card' });
    await program.answers(failed satisfies Result<never, unknown>);
    expect(stage.step.at).toBe('form');
  });

  it('that answers when nobody waits any more has its picture overwritten', async () => {
    const stage = await Stage.open();
    const program = thinks(stage);
    await stage.toForm();
    await stage.does('visit.end', {});
    const bytes = drawPhotograph(HERS);
    await program.answers(ok({ type: 'image/bmp', bytes: new Sensitive(bytes) }));
    expect(isOverwritten(bytes)).toBe(true);
    expect(stage.step.at).toBe('ended');
    expect(shown(stage)).toEqual([]);
  });
});
