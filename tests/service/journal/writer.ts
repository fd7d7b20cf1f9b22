/** A child that accepts cases until it is killed; it tells each one on stdout only after its transaction has returned. */
import { writeSync } from 'node:fs';
import { Journal } from '#main/service/journal/journal.ts';
import { silentLog } from '#main/service/log/log.ts';
import { fromBase64Url } from '#main/service/sealing/base64url.ts';
import { Cases } from '#main/service/store/cases.ts';
import { openTerminalData } from '#main/service/store/open.ts';
import { PrintJobs } from '#main/service/store/print-jobs.ts';
import { systemClock, systemTimers } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';

const [etc = '', data = '', terminal = '', district = ''] = process.argv.slice(2);
const DAY = '2026-03-02';
const clock = systemClock();
const timers = systemTimers();
const random = systemRandom(clock);

const opened = openTerminalData({ folders: { etc, data }, clock, timers, random, log: silentLog() });
if (!opened.ok) throw new Error(opened.error.code);
const { store, vault } = opened.value;
const journal = await Journal.open({
  store,
  clock,
  timers,
  random,
  serverTime: { offsetMs: null },
  terminal,
  district: { suite: 'standard', id: 'district-1', publicKey: fromBase64Url(district) },
  catalogue: 'c'.repeat(64),
});
if (!journal.ok) throw new Error(journal.error.code);

const cases = new Cases(store, vault);
const jobs = new PrintJobs(store, vault, clock);
for (;;) {
  const id = random.uuid();
  const number = store.transaction(() => {
    const receiptNumber = `${DAY}-${cases.nextSequence(DAY)}`;
    cases.insert({
      id,
      receiptNumber,
      item: 'residence',
      catalogue: 'c'.repeat(64),
      acceptedAt: clock.wall(),
      number: null,
      phone: null,
      retentionDays: 30,
      record: '{}',
    });
    jobs.insert({ id: random.uuid(), caseId: id, document: 'receipt', input: '{}' });
    journal.value.append({
      kind: 'case',
      open: {
        case: id,
        receiptNumber,
        item: 'residence',
        offline: 'S',
        acceptedAt: '2026-03-02T09:00:00.000+08:00',
        answers: {},
      },
      sealed: { card: {}, answers: {}, signature: { height: 400, strokes: [] } },
    });
    return receiptNumber;
  });
  writeSync(1, `${id} ${number}\n`);
}
