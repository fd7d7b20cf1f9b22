import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { type Scanner, startScanner } from '#tests/simulators/index.ts';
import { WORKER_PIN } from '#tests/stand/stand.ts';
import { findTraces } from '#tests/stand/traces.ts';
import { eventually, openScene, pdfText, type Scene } from './terminal.ts';

/** The specimen of ICAO Doc 9303 with a later expiry: a passport of a state that does not exist. */
const PASSPORT = [
  'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<',
  'L898902C36UTO7408122F3204153ZE184226B<<<<<16',
] as const;

const Yaml = z.looseObject({ devices: z.looseObject({}) });

describe('a resident with a passport', () => {
  let scene: Scene | null = null;
  let scanner: Scanner | null = null;

  afterEach(async () => {
    await scene?.close();
    await scanner?.close();
    [scene, scanner] = [null, null];
  });

  it('is served by a worker: the zone is scanned or typed, and the certificate names the passport', async () => {
    const own = await startScanner({ transport: 'pty', suffix: '\r' });
    scanner = own;
    scene = await openScene({
      before: async ({ config }) => {
        const { devices, ...rest } = Yaml.parse(parse(readFileSync(config, 'utf8')));
        writeFileSync(config, stringify({ ...rest, devices: { ...devices, scanner: { connection: own.connection } } }));
      },
    });
    const { resident, stand } = scene;
    await resident.goTo('identity');
    await resident.press('请工作人员看一下证件');
    await resident.workerSignsIn(WORKER_PIN);
    await resident.reads('请用扫码器扫机读码');

    // The first line is scanned, the second typed, with a mistake in it that the check digit finds.
    await own.scan(PASSPORT[0]);
    await resident.reads('44/44');
    await resident.type('机读码键盘', 'L898902C86');
    await resident.reads('证件号码的校验位对不上');
    await resident.press('退格');
    await resident.press('退格');
    await resident.type('机读码键盘', PASSPORT[1].slice(8));
    await resident.reads('校验位都对');
    await resident.press('下一步，核对');
    await resident.reads('ERIKSSON ANNA MARIA');
    await resident.press('回到居民页面');

    // Another time, all of it comes from the scanner.
    await resident.workerSignsIn(WORKER_PIN);
    await resident.reads('请用扫码器扫机读码');
    for (const line of PASSPORT) await own.scan(line);
    await resident.reads('L8*****C3');
    await resident.tick('我看过原件，是本人');
    await resident.press('确认，往下办');
    await resident.goTo('done', 'form-1');

    const receipt = await eventually('the receipt', () => stand.receiptPrinter.papers[0] ?? null);
    expect(receipt.text).toContain('L8*****C3');
    await resident.workerConfirms();
    await resident.reads('打好了，请从出纸口取走');
    const [paper = ''] = await stand.documentPrinter.papers();
    expect(await pdfText(paper)).toContain('护照 L898902C3');

    await resident.press('办好了，离开');
    await resident.goodbye();
    await eventually('the district to have it', async () => ((await stand.gateway.counts()).cases === 1 ? true : null));
    expect((await stand.gateway.counts()).quarantined).toBe(0);
    await scene.closeTerminal();
    expect(findTraces(['ERIKSSON', 'L898902C3'], [`${stand.folder}/terminal`, `${stand.folder}/district`])).toEqual([]);
  });
});
