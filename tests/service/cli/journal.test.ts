import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { caseEntry, helpEntry, openBook } from '../journal/fixture.ts';
import { CLI, yichuang } from './run.ts';

const lines = (stdout: string) =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { seq: number; body: object });

async function book() {
  const made = await openBook();
  made.write(caseEntry());
  made.write(helpEntry());
  made.outbox.answer([{ incarnation: 1, seq: 3, result: 'quarantined', code: 'version' }]);
  return made;
}

describe('yichuang journal show', () => {
  it('tells entries as JSON lines while the service has the store open, and nothing personal', async () => {
    const { folders } = await book();
    const ran = await yichuang(['journal', 'show', '--data', folders.data]);
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    expect(lines(ran.stdout).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(lines(ran.stdout)[1]?.body).toMatchObject({ is: 'whole', personal: 'sealed' });
    for (const word of ['王秀英', '120103195002280004', '13800001234']) expect(ran.stdout).not.toContain(word);
  });

  it.each([
    [['--seq', '2'], [2]],
    [
      ['--last', '2'],
      [2, 3],
    ],
    [['--kind', 'key'], [1]],
    [['--quarantined'], [3]],
  ])('%j finds %j', async (options, seqs) => {
    const { folders } = await book();
    const ran = await yichuang(['journal', 'show', '--data', folders.data, ...options]);
    expect(lines(ran.stdout).map(({ seq }) => seq)).toEqual(seqs);
  });

  it.each([
    ['--last', '0'],
    ['--seq', 'two'],
    ['--kind', 'name'],
  ])('refuses %s %s', async (option, value) => {
    const ran = await yichuang(['journal', 'show', '--data', '/nowhere', option, value]);
    expect(ran).toMatchObject({ exit: 1, stdout: '' });
  });

  it('says that there is no journal', async () => {
    const ran = await yichuang(['journal', 'show', '--data', '/nowhere']);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'no-journal' } } });
  });

  it('ends when its reader has seen enough', async () => {
    const made = await openBook();
    made.store.transaction(() => {
      for (let i = 0; i < 3_000; i += 1) made.journal.append(helpEntry());
    });
    const child = spawn(process.execPath, [CLI, 'journal', 'show', '--data', made.folders.data], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString('utf8');
    });
    await once(createInterface({ input: child.stdout }), 'line');
    child.stdout.destroy();
    expect(await ended).toEqual([0, null]);
    expect(said).toBe('');
  });
});

describe('yichuang journal export', () => {
  it('writes a file that verifies without its store', async () => {
    const { folders } = await book();
    const output = join(mkdtempSync(join(tmpdir(), 'yc-export-')), 'journal.ndjson');
    const ran = await yichuang(['journal', 'export', '--data', folders.data, '--output', output]);
    expect(ran).toMatchObject({ exit: 0, json: { manifest: 1, entries: 3, compacted: 0 } });
    const verified = await yichuang(['journal', 'verify', '--export', output]);
    expect(verified).toMatchObject({ exit: 0, json: { entries: 3, head: { incarnation: 1, seq: 3 } } });

    const again = await yichuang(['journal', 'export', '--data', folders.data, '--output', output]);
    expect(again).toMatchObject({ exit: 1, json: { error: { code: 'output-exists' } } });
    writeFileSync(output, readFileSync(output, 'utf8').replace('"kind":"help"', '"kind":"print"'));
    const altered = await yichuang(['journal', 'verify', '--export', output]);
    expect(altered).toMatchObject({ exit: 1, json: { error: { code: 'export-broken' } } });
    expect(altered.stderr).toContain('line 3: entry-altered');
  });

  it.each([
    ['no export', ['--export', '/nowhere/journal.ndjson'], 'no-export'],
    ['nothing at all', [], 'input'],
  ])('verify names what is wrong with %s', async (_what, options, code) => {
    expect(await yichuang(['journal', 'verify', ...options])).toMatchObject({ exit: 1, json: { error: { code } } });
  });

  it('names a folder that it cannot write to', async () => {
    const { folders } = await book();
    const ran = await yichuang(['journal', 'export', '--data', folders.data, '--output', '/nowhere/journal.ndjson']);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'output' } } });
  });
});

describe('yichuang journal retry', () => {
  it('lets a quarantined entry wait for the district again, and no other', async () => {
    const made = await book();
    const retry = (...options: string[]) => yichuang(['journal', 'retry', '--data', made.folders.data, ...options]);
    expect(await retry('--seq', '2')).toMatchObject({ exit: 1, json: { error: { code: 'nothing-to-retry' } } });
    expect(await retry('--seq', '3', '--incarnation', '1')).toMatchObject({
      exit: 0,
      json: { incarnation: 1, seq: 3 },
    });
    expect(made.outbox.counts()).toMatchObject({ quarantined: 0, unsynced: 3 });
  });
});
