import fs, { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Sensitive } from '#contract/sensitive.ts';
import { forComponent, logTo, openLog } from '#main/service/log/log.ts';

function captured(): { lines: () => Record<string, unknown>[]; log: ReturnType<typeof logTo> } {
  const written: string[] = [];
  const log = logTo({ write: (line) => void written.push(line) });
  return { log, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** A log on a disk that is full until `free` is called. */
async function fullDisk() {
  const folder = mkdtempSync(join(tmpdir(), 'yc-log-'));
  const opened = await openLog(folder);
  const write = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
    throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
  });
  onTestFinished(() => write.mockRestore());
  const lines = () =>
    readFileSync(join(folder, readdirSync(folder)[0] ?? ''), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  return { ...opened, lines, free: () => write.mockRestore() };
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

  it('goes on while the disk is full, and then says how many lines were lost', async () => {
    const { log, close, lines, free } = await fullDisk();
    for (const event of ['waits', 'lost', 'lost too']) log.info({ event });
    log.fatal({ event: 'lost as well' });
    free();
    log.info({ event: 'room again' });
    log.info({ event: 'and again' });
    await close();
    expect(lines()).toMatchObject([
      { event: 'waits' },
      { event: 'log.lost', level: 'warn', component: 'service', lines: 3 },
      { event: 'room again' },
      { event: 'and again' },
    ]);
  });

  it('closes on a disk that is still full', async () => {
    const { log, close } = await fullDisk();
    log.info({ event: 'service.stopped' });
    await close();
  });

  it('is written to stderr when its folder cannot be opened', async () => {
    const said: string[] = [];
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0);
    onTestFinished(() => stderr.mockRestore());
    const { log, close } = await openLog('/dev/null/log');
    log.info({ event: 'service.started' });
    await close();
    expect(said.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 'error', component: 'service', event: 'log.not-opened', folder: '/dev/null/log', code: 'ENOTDIR' },
      { event: 'service.started' },
    ]);
  });
});
