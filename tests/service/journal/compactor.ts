/** A child that compacts whatever it finds until it is killed or nothing is left; it tells of each step on stdout. */
import { writeSync } from 'node:fs';
import { Compaction } from '#main/service/journal/compaction.ts';
import { silentLog } from '#main/service/log/log.ts';
import { openTerminalData } from '#main/service/store/open.ts';
import { systemClock, systemTimers } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';

const [etc = '', data = ''] = process.argv.slice(2);
const clock = systemClock();
const log = silentLog();
const opened = openTerminalData({
  folders: { etc, data },
  clock,
  timers: systemTimers(),
  random: systemRandom(clock),
  log,
});
if (!opened.ok) throw new Error(opened.error.code);
const { store } = opened.value;

const whole = () => store.sql('SELECT 1 FROM entry WHERE compacted_at IS NULL LIMIT 1').get() !== undefined;
const compaction = new Compaction({
  store,
  timers: {
    after(_ms, run) {
      const soon = setImmediate(() => {
        if (!whole()) process.exit(0);
        run();
        writeSync(1, '.\n');
      });
      return () => clearImmediate(soon);
    },
  },
  log,
  horizonDays: 1,
  districtTime: () => new Date('2099-01-01T00:00:00Z'),
  isIdle: () => true,
});
compaction.start();
