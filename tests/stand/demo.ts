/**
 * `npm run demo`: one resident's whole visit on real Electron, from the attract screen to the wiped one, with every picture,
 * the receipt, the certificate and the count at the district in `out/demo`. `--offline`, `--landscape`, `--no-worker`.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { launchTerminal } from './electron.ts';
import { person, Resident } from './resident.ts';
import { openStand } from './stand.ts';
import { findTraces } from './traces.ts';

const { values: way } = parseArgs({
  options: {
    offline: { type: 'boolean', default: false },
    landscape: { type: 'boolean', default: false },
    'no-worker': { type: 'boolean', default: false },
  },
});
const withWorker = !way['no-worker'];
const out = resolve('out/demo');
const Runtime = z.looseObject({ version: z.string(), source: z.string() });

const began = performance.now();
function say(words: string): void {
  process.stdout.write(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${words}\n`);
}

/** Waits for something that comes by itself; the limit only ends a demo that has gone wrong. */
async function until<T>(what: string, look: () => Promise<T | null> | T | null, seconds = 60): Promise<T> {
  const limit = performance.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (performance.now() > limit) throw new Error(`waited ${seconds} s in vain for: ${what}`);
    await pause(100);
  }
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const electron = Runtime.parse(JSON.parse(readFileSync('out/setup/electron.json', 'utf8')));

say('a district, a card reader on a serial line, a receipt printer, an IPP printer');
const stand = await openStand({ folder: join(out, 'stand'), landscape: way.landscape });
try {
  if (way.offline) {
    await stand.gateway.stop();
    say('the district goes away: the terminal is on its own');
  }
  const terminal = await launchTerminal({ config: stand.config, display: stand.screen });
  const resident = new Resident({ terminal, stand, pictures: join(out, 'screenshots') });
  let receiptNumber = '';
  try {
    say('the terminal is open');
    await resident.goTo('done');
    receiptNumber = await resident.receiptNumber();
    say(`accepted: ${receiptNumber}`);
    const receipt = await until('the receipt', () => stand.receiptPrinter.papers[0] ?? null);
    await resident.picture('done');
    if (withWorker) {
      await resident.workerConfirms();
      await resident.reads('工作人员已核验');
      say('a worker has confirmed');
    } else {
      await resident.press('改天来取');
      say('no worker: collected another day');
    }
    const [paper = ''] = await until('the A4 page', async () => {
      const papers = await stand.documentPrinter.papers();
      return papers.length > 0 ? papers : null;
    });
    await resident.reads('打好了，请从出纸口取走');
    await resident.picture(withWorker ? 'certificate-printed' : 'notice-printed');
    await resident.press('非常满意');
    await resident.picture('rating');
    await resident.press('提交评价');
    await resident.reads('谢谢您的评价');
    await resident.picture('rated');
    await resident.press('办好了，离开');
    await resident.sees('leaving');
    await resident.picture('leaving-card');
    await stand.reader.liftCard();
    await stand.receiptPrinter.takePaper();
    await resident.reads('证件已经拿走了');
    await resident.picture('leaving');
    const wiped = resident.reads('屏幕上的信息已清除').then(() => resident.picture('ended'));
    // The farewell goes by itself after a few seconds: a slow machine may miss it.
    await Promise.all([Promise.race([wiped, resident.sees('attract')]), resident.goodbye()]);
    await resident.picture('attract-again');
    say('card and papers taken, everything wiped');

    writeFileSync(join(out, 'receipt.txt'), receipt.text);
    writeFileSync(join(out, 'receipt.bin'), receipt.bytes);
    await stand.receiptPrinter.drawPaper(0, join(out, 'receipt.png'));
    copyFileSync(paper, join(out, 'certificate.pdf'));
    if (way.offline) {
      await stand.gateway.start();
      say('the district is back');
    }
    await until(
      'the district to have the case',
      async () => ((await stand.gateway.counts()).cases > 0 ? true : null),
      120,
    );
    say('the district has acknowledged the case');
  } catch (problem) {
    await resident.picture('stopped-here');
    throw problem;
  } finally {
    await terminal.close();
  }

  const counts = await stand.gateway.counts(receiptNumber);
  const dataDir = join(stand.folder, 'terminal');
  const profileDir = join(stand.folders.run, 'screen');
  const traces = findTraces([person.name, person.number], [dataDir, profileDir, join(out, 'receipt.bin')]);
  writeFileSync(
    join(out, 'summary.json'),
    `${JSON.stringify(
      {
        receiptNumber,
        person: { name: person.name, number: person.number },
        way,
        dataDir,
        profileDir,
        receipt: { text: join(out, 'receipt.txt'), png: join(out, 'receipt.png'), bytes: join(out, 'receipt.bin') },
        certificate: join(out, 'certificate.pdf'),
        screenshots: join(out, 'screenshots'),
        gateway: { cases: counts.cases, entries: counts.entries, quarantined: counts.quarantined },
        electron: { version: electron.version, source: electron.source },
        traces,
      },
      null,
      2,
    )}\n`,
  );
  if (counts.cases !== 1) throw new Error(`the district has ${counts.cases} cases instead of 1`);
  if (traces.length > 0)
    throw new Error(`personal data was left behind in ${traces.map(({ file }) => file).join(', ')}`);
  say(`done; see ${join(out, 'summary.json')}`);
} finally {
  await stand.close();
}
