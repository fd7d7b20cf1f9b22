import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sensitive } from '#contract/sensitive.ts';
import { forComponent, logTo, openLog } from '#main/service/log/log.ts';

function captured(): { lines: () => Record<string, unknown>[]; log: ReturnType<typeof logTo> } {
  const written: string[] = [];
  const log = logTo({ write: (line) => void written.push(line) });
  return { log, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('the log', () => {
  it('writes one schema: time, level, component and event', () => {
    const { log, lines } = captured();
    forComponent(log, 'sync').warn({ event: 'sync.rewound', entries: 3 });
    expect(lines()).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
        component: 'sync',
        event: 'sync.rewound',
        entries: 3,
      },
    ]);
  });

  it('strikes personal fields out, should one slip through', () => {
    const { log, lines } = captured();
    log.info({
      event: 'visit.card',
      name: '王秀英',
      card: { number: '1' },
      person: { number: '120103', phone: '138' },
    });
    expect(JSON.stringify(lines())).not.toMatch(/王|120103|138/);
  });

  it('never shows a Sensitive value', () => {
    const { log, lines } = captured();
    log.info({ event: 'visit.card', other: new Sensitive('王秀英') });
    expect(lines()[0]?.['other']).toBe('[personal data]');
  });

  it('writes to a file of the day that only its owner reads', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'yc-log-')), 'log');
    const { log, close } = await openLog(folder);
    log.info({ event: 'service.started' });
    await close();
    const [file = ''] = readdirSync(folder);
    expect(file).toMatch(/^service\.\d{4}-\d\d-\d\d\.\d+\.jsonl$/);
    expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
    expect(readFileSync(join(folder, file), 'utf8')).toContain('"event":"service.started"');
  });
});
