import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { DocumentView } from '#contract/visit.ts';
import { zoneOf } from '../intake/zones.ts';
import { ScriptedScanner } from './devices.ts';
import { PASSPORT, PIN, RESIDENT, SIGNATURE, Stage } from './stage.ts';

const notNow = { ok: false, error: { code: 'not-now' } };
const ELSEWHERE = { residence: 'other', estate: 'ceshili', building: '3', room: '501' };

function view<A extends DocumentView['at']>(stage: Stage, at: A): Extract<DocumentView, { at: A }> {
  const { worker } = stage.stepAt('identity');
  if (worker.at !== at) throw new Error(`the worker is at ${worker.at} instead of ${at}`);
  return worker as Extract<DocumentView, { at: A }>;
}

function pdfText(pdf: Buffer | undefined): string {
  if (!pdf) throw new Error('no paper came out');
  const text = execFileSync('pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8' });
  // Paragraphs are set over the whole width, with air between the characters.
  return text.replaceAll(/\s/g, '');
}

/** Nothing of the document stands in the newest snapshot, in the log or in the audit trail. */
function forgotten(stage: Stage): void {
  const seen = JSON.stringify(stage.visit) + stage.logged.join('');
  for (const word of ['ERIKSSON', 'L898902C3']) expect(seen).not.toContain(word);
}

describe('a document without a chip', () => {
  it('is typed by a worker who signed in, compared and confirmed, and the visit goes on to its certificate', async () => {
    const stage = await Stage.open();
    await stage.toDocument();
    expect(view(stage, 'entering')).toMatchObject({ worker: '李工', scanner: null, format: 'td3', lines: ['', ''] });
    expect(stage.call('worker.readZone', {})).toEqual(notNow);
    await stage.types(PASSPORT.join(''));
    expect(view(stage, 'entering')).toMatchObject({ lines: PASSPORT, problem: null, right: true, refused: null });
    await stage.does('worker.readZone', {});
    const values = view(stage, 'comparing').rows.map(({ value }) => value.zh);
    expect(values).toEqual([
      '护照',
      'ERIKSSON ANNA MARIA',
      'L8*****C3',
      '女',
      '1974年8月12日',
      '2032年4月15日',
      'UTO',
      'UTO',
    ]);
    expect(stage.call('worker.identify', {} as never)).toEqual({ ok: false, error: { code: 'invalid' } });
    await stage.does('worker.identify', { sawOriginal: true });

    const { fields } = stage.stepAt('form');
    expect(fields.map(({ id, value }) => [id, value])).toEqual([
      ['name', 'ERIKSSON ANNA MARIA'],
      ['number', 'L8*****C3'],
      ['phone', ''],
    ]);
    await stage.answer({ phone: '13800001234' });
    const residence = stage.stepAt('form').fields.find(({ id }) => id === 'residence');
    expect(residence?.input).toMatchObject({ options: [{ value: 'other' }] });
    await stage.answer(ELSEWHERE);
    await stage.answer({ since: '2018-03', tenure: 'owned', purpose: 'school' });
    await stage.does('visit.submit', { signature: SIGNATURE });
    await stage.until(() => stage.paper('receipt')?.print.state === 'confirmed');
    const receipt = JSON.stringify(stage.receiptPrinter.receipts);
    expect(receipt).toContain('L8*****C3');
    expect(receipt).not.toContain('L898902C3');
    await stage.does('visit.callWorker', {});
    await stage.does('worker.arrive', {});
    await stage.does('worker.signIn', { pin: PIN });
    await stage.until(() => stage.stepAt('done').worker.at === 'confirming');
    await stage.does('worker.confirm', { seen: ['face', 'home', 'lives'] });
    await stage.until(() => stage.paper('certificate')?.print.state === 'confirmed');
    const certificate = pdfText(stage.documentPrinter.pdfs[0]);
    expect(certificate).toContain('ERIKSSONANNAMARIA（证件号码：护照L898902C3）');
    expect(certificate).toContain('测试里3号楼501室');
    await stage.does('visit.leave', {});
    expect(stage.stepAt('leaving').card).toBe('taken');
    await stage.pass(6_000);
    expect(stage.step.at).toBe('ended');
    forgotten(stage);
    expect(stage.audited('identity.confirmed')).toBe(1);
    expect(stage.audited('identity.read')).toBe(0);
    expect(stage.audited('staff.signed-in')).toBe(2);
    expect(stage.audited('staff.left')).toBe(0);
  });

  it('serves an item that has no need of an address', async () => {
    const stage = await Stage.open();
    await stage.toConsent('participation-certificate');
    await stage.does('visit.consent', {});
    await stage.signsIn();
    await stage.identifies();
    expect(stage.stepAt('form').fields.map(({ id }) => id)).not.toContain('address');
  });

  it('stands on the acceptance notice by its kind and its masked number', async () => {
    const stage = await Stage.open();
    await stage.toDocument();
    await stage.identifies();
    await stage.answer({ phone: '13800001234' });
    await stage.answer(ELSEWHERE);
    await stage.answer({ since: '2018-03', tenure: 'owned', purpose: 'school' });
    await stage.does('visit.submit', { signature: SIGNATURE });
    await stage.does('visit.collectLater', {});
    await stage.until(() => stage.paper('acceptance-notice')?.print.state === 'confirmed');
    expect(pdfText(stage.documentPrinter.pdfs[0])).toContain('护照L8*****C3');
  });

  it('tells which character is wrong, and takes no confirmation before it is right', async () => {
    const stage = await Stage.open();
    await stage.toDocument();
    const [first, second] = PASSPORT;
    await stage.types(first + second.replace('C36', 'C86'));
    expect(view(stage, 'entering')).toMatchObject({
      right: false,
      problem: { field: 'number', why: 'check', line: 1, column: 9 },
    });
    expect(stage.call('worker.readZone', {})).toEqual(notNow);
    expect(stage.call('worker.identify', { sawOriginal: true })).toEqual(notNow);
    // To the check digit, and one back: behind the 8, which was a 3.
    await stage.does('worker.typeZone', { key: 'mistake' });
    expect(view(stage, 'entering').cursor).toEqual({ line: 1, column: 10 });
    await stage.does('worker.typeZone', { key: 'left' });
    await stage.does('worker.typeZone', { key: 'erase' });
    await stage.does('worker.typeZone', { key: '3' });
    expect(view(stage, 'entering')).toMatchObject({ right: true, cursor: { line: 1, column: 9 } });
    await stage.does('worker.typeZone', { key: 'mistake' });
    expect(view(stage, 'entering').cursor).toEqual({ line: 1, column: 9 });
  });

  it('may be a card: another layout is chosen, and values can be looked at and mended again', async () => {
    const stage = await Stage.open();
    await stage.toDocument();
    await stage.does('worker.zoneFormat', { format: 'td1' });
    const person = { surname: 'CHAN', given: 'TAI<MAN', nationality: 'CHN', sex: 'M', optional: '' } as const;
    const card = { ...person, code: 'CR', issuer: 'CHN', number: 'H01234567', birth: '800101', expiry: '300101' };
    await stage.types(zoneOf('td1', card).join(''));
    await stage.does('worker.readZone', {});
    expect(view(stage, 'comparing').rows[0]?.value.zh).toBe('港澳居民来往内地通行证');
    await stage.does('worker.editZone', {});
    await stage.does('worker.typeZone', { key: 'clear' });
    expect(view(stage, 'entering')).toMatchObject({ format: 'td1', lines: ['', '', ''] });
  });

  it('that has expired is refused as a card is, and the resident’s page says so afterwards', async () => {
    const stage = await Stage.open();
    await stage.toDocument();
    await stage.types('P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10');
    expect(view(stage, 'entering')).toMatchObject({ right: true, refused: 'expired' });
    expect(stage.call('worker.readZone', {})).toEqual(notNow);
    expect(stage.audited('identity.refused')).toBe(1);
    await stage.does('worker.leave', {});
    expect(stage.stepAt('identity')).toMatchObject({ refused: 'expired', otherWays: true, worker: { at: 'none' } });
    expect(stage.audited('staff.left')).toBe(1);
    forgotten(stage);
  });
});

describe('the scanner', () => {
  async function atDocument(): Promise<{ stage: Stage; scanner: ScriptedScanner }> {
    const scanner = new ScriptedScanner();
    const stage = await Stage.open({ scanner });
    await stage.toDocument();
    return { stage, scanner };
  }

  it('brings a whole zone: its values are shown at once', async () => {
    const { stage, scanner } = await atDocument();
    expect(view(stage, 'entering').scanner).toBe('ready');
    scanner.scan(PASSPORT.join(''));
    await stage.settle();
    expect(view(stage, 'comparing').rows).toHaveLength(8);
    // What is scanned while it is being compared changes nothing.
    scanner.scan('P'.repeat(44));
    await stage.settle();
    expect(view(stage, 'comparing').rows[1]?.value.zh).toBe('ERIKSSON ANNA MARIA');
  });

  it('brings one line after another, and what is no line is passed over', async () => {
    const { stage, scanner } = await atDocument();
    scanner.scan(PASSPORT[0], 'https://example.org', '');
    scanner.give({ kind: 'receipt', number: '120103-000101-261123-0001-7' });
    await stage.settle();
    expect(view(stage, 'entering')).toMatchObject({ lines: [PASSPORT[0], ''], problem: null });
    scanner.scan(PASSPORT[1]);
    await stage.settle();
    expect(view(stage, 'comparing').worker).toBe('李工');
  });

  it('keeps the deadline away, and is listened to only while a worker is there', async () => {
    const { stage, scanner } = await atDocument();
    await stage.pass(95_000);
    expect(stage.visit.deadline?.phase).toBe('warning');
    scanner.scan(PASSPORT[0]);
    await stage.settle();
    expect(stage.visit.deadline?.phase).toBe('running');
    expect(scanner.listeners).toBe(1);
    await stage.does('worker.leave', {});
    expect(scanner.listeners).toBe(0);
    forgotten(stage);
  });

  it('that is unplugged in the middle says so, and the zone is typed to its end', async () => {
    const { stage, scanner } = await atDocument();
    scanner.scan(PASSPORT[0]);
    scanner.state = { state: 'away', why: 'port-closed', remedy: 'check the cable' };
    await stage.settle();
    expect(view(stage, 'entering')).toMatchObject({ scanner: 'away', lines: [PASSPORT[0], ''] });
    await stage.types(PASSPORT[1]);
    expect(view(stage, 'entering').right).toBe(true);
  });
});

describe('the worker at the page that waits for a card', () => {
  it('comes only where one was called', async () => {
    const stage = await Stage.open();
    await stage.toIdentity();
    expect(stage.call('worker.arrive', {})).toEqual(notNow);
    await stage.does('help.call', {});
    await stage.does('worker.arrive', {});
    expect(view(stage, 'signing-in').problem).toBeNull();
    expect(stage.call('worker.typeZone', { key: 'A' })).toEqual(notNow);
  });

  it('is locked out after five wrong PINs, and the resident’s page is as before', async () => {
    const stage = await Stage.open();
    await stage.toIdentity();
    await stage.does('help.call', {});
    await stage.does('worker.arrive', {});
    for (let i = 1; i <= 5; i += 1) {
      await stage.does('worker.signIn', { pin: '0000' });
      await stage.until(() => stage.audited('staff.pin-wrong') + stage.audited('staff.locked') === i);
    }
    expect(view(stage, 'signing-in')).toEqual({ at: 'signing-in', problem: 'locked', lockedForMs: 60_000 });
    expect(stage.call('worker.signIn', { pin: PIN })).toEqual(notNow);
    await stage.does('visit.back', {});
    expect(stage.stepAt('identity')).toMatchObject({ otherWays: true, worker: { at: 'none' } });
    stage.reader.lay(RESIDENT);
    await stage.settle();
    expect(stage.step.at).toBe('form');
  });

  it('is not interrupted by a card that is laid down; it is read when the sheet is closed', async () => {
    const stage = await Stage.open();
    await stage.toIdentity();
    stage.reader.state = { state: 'away', why: 'no answer', remedy: 'plug it in' };
    await stage.signsIn();
    stage.reader.state = { state: 'ready' };
    stage.reader.lay(RESIDENT);
    await stage.types('P<');
    expect(view(stage, 'entering').lines).toEqual(['P<', '']);
    await stage.does('worker.leave', {});
    expect(stage.stepAt('form').fields[0]?.value).toBe(RESIDENT.name);
    expect(stage.audited('staff.left')).toBe(1);
  });

  it('goes back by the resident’s own button as well, and nothing of the document stays', async () => {
    const stage = await Stage.open();
    await stage.toDocument();
    await stage.types(PASSPORT.join(''));
    await stage.does('worker.readZone', {});
    await stage.does('visit.back', {});
    expect(stage.stepAt('identity').worker).toEqual({ at: 'none' });
    forgotten(stage);
    // The worker was there: the way in is open again without another call.
    await stage.does('worker.arrive', {});
  });

  it.each(['entering', 'comparing'] as const)('who walks away from it (%s) leaves it to the deadline', async (at) => {
    const stage = await Stage.open();
    await stage.toDocument();
    await stage.types(PASSPORT.join(''));
    if (at === 'comparing') await stage.does('worker.readZone', {});
    await stage.pass(121_000);
    expect(stage.step.at).toBe('ended');
    expect(stage.audited('visit.timed-out')).toBe(1);
    expect(stage.audited('staff.left')).toBe(1);
    expect(stage.events.filter(({ event }) => event === 'wiped')).toHaveLength(1);
    forgotten(stage);
  });

  it('finds the visit ended from the entry, with nothing left of the document', async () => {
    const stage = await Stage.open();
    await stage.toDocument();
    await stage.types(PASSPORT[0]);
    await stage.does('visit.end', {});
    expect(stage.step.at).toBe('ended');
    forgotten(stage);
  });
});

describe('who showed a document to a worker', () => {
  it('shows it again for another item: nobody is kept without a card on the reader', async () => {
    const stage = await Stage.open();
    await stage.toDocument();
    await stage.identifies();
    await stage.answer({ phone: '13800001234' });
    await stage.answer(ELSEWHERE);
    await stage.answer({ since: '2018-03', tenure: 'owned', purpose: 'school' });
    await stage.does('visit.submit', { signature: SIGNATURE });
    await stage.does('visit.another', {});
    forgotten(stage);
    await stage.does('visit.chooseItem', { item: 'residence-certificate' });
    await stage.does('visit.start', {});
    await stage.does('visit.consent', {});
    expect(stage.step.at).toBe('identity');
    await stage.signsIn();
    expect(stage.audited('help.called')).toBe(2);
  });

  it('shows it again even where somebody’s card still lies there that was refused', async () => {
    const stage = await Stage.open();
    await stage.toIdentity();
    stage.reader.lay({ ...RESIDENT, validTo: '2020-01-01' });
    await stage.settle();
    expect(stage.stepAt('identity').refused).toBe('expired');
    await stage.signsIn();
    expect(view(stage, 'entering').refused).toBeNull();
    await stage.identifies();
    stage.reader.state = { state: 'card' };
    await stage.does('visit.back', {});
    await stage.does('visit.consent', {});
    expect(stage.step.at).toBe('identity');
  });
});
