import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startEscPosPrinter, startSamReader, syntheticResident } from '#tests/simulators/index.ts';
import { yichuang } from './run.ts';

const card = syntheticResident({ name: '王秀英', birth: '19500228' });

async function reader() {
  const started = await startSamReader({ transport: 'tcp' });
  onTestFinished(() => started.close());
  return started;
}

async function printer() {
  const started = await startEscPosPrinter({ transport: 'tcp', paperMm: 80 });
  onTestFinished(() => started.close());
  return started;
}

function file(content: string | Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'yc-cli-')), 'receipt');
  writeFileSync(path, content);
  return path;
}

describe('yichuang device read-card', () => {
  it('prints the card with its number masked', async () => {
    const sam = await reader();
    sam.layCard(card);
    const ran = await yichuang(['device', 'read-card', '--connection', sam.connection]);
    expect(ran).toMatchObject({
      exit: 0,
      stderr: '',
      json: { kind: 'resident', name: '王秀英', number: `${card.number.slice(0, 6)}********${card.number.slice(14)}` },
    });
    for (const word of [card.number, '19500228', '02-28']) expect(ran.stdout).not.toContain(word);
  });

  it('prints it in full when that is asked for', async () => {
    const sam = await reader();
    sam.layCard(card);
    const ran = await yichuang(['device', 'read-card', '--connection', sam.connection, '--reveal']);
    expect(ran).toMatchObject({ exit: 0, json: { name: '王秀英', number: card.number, birth: '1950-02-28' } });
  });

  it('names what was missing: a card, or a reader', async () => {
    const sam = await reader();
    const empty = await yichuang(['device', 'read-card', '--connection', sam.connection, '--timeout', '2']);
    expect(empty).toMatchObject({ exit: 1, json: { error: { code: 'no-card' } } });
    await sam.close();
    const away = await yichuang(['device', 'read-card', '--connection', sam.connection, '--timeout', '2']);
    expect(away).toMatchObject({ exit: 1, json: { error: { code: 'away' } } });
    expect(away.stderr).toMatch(/^away: /);
  });
});

describe('yichuang device print-receipt', () => {
  it('prints lines of text', async () => {
    const slip = await printer();
    const ran = await yichuang([
      'device',
      'print-receipt',
      '--connection',
      slip.connection,
      '--input',
      file('收件回执\n第二行\n'),
    ]);
    expect(ran).toMatchObject({ exit: 0, json: { outcome: 'confirmed' } });
    expect(slip.papers[0]?.text).toMatch(/收件回执\s+第二行/);
  });

  it('prints a receipt of the contract', async () => {
    const slip = await printer();
    const receipt = { lines: [{ line: 'pair', label: '姓名', value: '王*' }, { line: 'rule' }] };
    const ran = await yichuang([
      'device',
      'print-receipt',
      '--connection',
      slip.connection,
      '--input',
      file(JSON.stringify(receipt)),
    ]);
    expect(ran).toMatchObject({ exit: 0, json: { outcome: 'confirmed' } });
    expect(slip.papers[0]?.text).toContain('姓名');
  });

  it.each([
    ['a receipt of another shape', '{"lines":[{"line":"picture"}]}'],
    ['more lines than a receipt holds', 'line\n'.repeat(501)],
    ['bytes that are no UTF-8', Buffer.from('cad5bcfe', 'hex')],
  ])('refuses %s before anything is sent', async (_what, content) => {
    const ran = await yichuang([
      'device',
      'print-receipt',
      '--connection',
      'tcp:127.0.0.1:1',
      '--input',
      file(content),
    ]);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'input' } } });
    expect(ran.stderr).toMatch(/^input: .*\n$/);
  });
});

describe('yichuang device status', () => {
  it('finds out what stands at a connection', async () => {
    const [sam, slip] = await Promise.all([reader(), printer()]);
    const [first, second] = await Promise.all([
      yichuang(['device', 'status', '--connection', sam.connection]),
      yichuang(['device', 'status', '--connection', slip.connection]),
    ]);
    expect(first).toMatchObject({ exit: 0, json: { device: 'id-card', state: { state: 'ready' } } });
    expect(second).toMatchObject({ exit: 0, json: { device: 'receipt-printer', state: { state: 'ready' } } });
  });

  it('believes what it is told', async () => {
    const slip = await printer();
    const ran = await yichuang(['device', 'status', '--connection', slip.connection, '--kind', 'receipt-printer']);
    expect(ran).toMatchObject({ exit: 0, json: { device: 'receipt-printer', state: { state: 'ready' } } });
  });

  it('says that nothing answers', async () => {
    const ran = await yichuang(['device', 'status', '--connection', 'tcp:127.0.0.1:1', '--timeout', '1']);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'away' } } });
  });
});
