import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { suiteOfPublicKey } from '#contract/suite.ts';
import { hearAsks } from '#main/service/asks.ts';
import { ensureTerminalKey } from '#main/service/identity/identity.ts';
import { silentLog } from '#main/service/log/log.ts';
import { verifyPin } from '#main/service/staff/pin.ts';
import { lockStore } from '#main/service/store/lock.ts';
import { STORE_FILE } from '#main/service/store/open.ts';
import { enrol } from '../fixture.ts';
import { helpEntry, openBook } from '../journal/fixture.ts';
import { CLI, yichuang } from './run.ts';

/** A whole terminal.yaml with a folder for the keys and one for what runs. */
function configurationWith(etc: string, o: { gateway?: object; run?: string } = {}): string {
  const name = { zh: '测试', en: 'Test' };
  const file = join(mkdtempSync(join(tmpdir(), 'yc-cli-')), 'terminal.yaml');
  const configuration = {
    community: {
      street: name,
      name,
      phone: '022-55500107',
      desk: name,
      opens: '09:00',
      closes: '17:30',
      estates: [{ id: 'test', name }],
    },
    screen: { widthMm: 337, heightMm: 600, widthPx: 1080, heightPx: 1920 },
    folders: { etc, data: 'data', run: o.run ?? 'run', log: 'log' },
    catalogue: 'catalogue',
    devices: {
      idCard: { connection: 'tcp:127.0.0.1:9' },
      receiptPrinter: { connection: 'tcp:127.0.0.1:9', paperMm: 80 },
      documentPrinter: { connection: 'ipp://127.0.0.1:9/ipp/print' },
    },
    gateway: { url: 'http://127.0.0.1:9', ...o.gateway },
    staff: [{ id: 'worker-1', name: '李工', pinHash: `scrypt$1024$8$1$${'s'.repeat(22)}$${'h'.repeat(43)}` }],
  };
  writeFileSync(file, stringify(configuration));
  return file;
}

describe('yichuang journal verify', () => {
  it('says that a journal is whole while the service has it open', async () => {
    const book = await openBook();
    book.write(helpEntry());
    const ran = await yichuang(['journal', 'verify', '--data', book.folders.data]);
    expect(ran).toMatchObject({
      exit: 0,
      stderr: '',
      json: { entries: 2, unsynced: 2, head: { incarnation: 1, seq: 2 } },
    });
    book.write(helpEntry());
  });

  it('names the entry that was altered and ends with 1', async () => {
    const book = await openBook();
    book.write(helpEntry());
    book.store.db.exec("UPDATE entry SET wall = '' WHERE seq = 2");
    const ran = await yichuang(['journal', 'verify', '--data', book.folders.data]);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'journal-broken' } } });
    expect(ran.stderr).toContain('entry 2 of incarnation 1: entry-altered');
  });

  it('says that there is no journal', async () => {
    expect(await yichuang(['journal', 'verify', '--data', '/nowhere'])).toMatchObject({
      exit: 1,
      json: { error: { code: 'no-journal' } },
    });
  });
});

describe('yichuang staff hash-pin', () => {
  it('gives a hash that the PIN fits', async () => {
    const ran = await yichuang(['staff', 'hash-pin'], '482913\n');
    expect(ran.exit).toBe(0);
    expect(await verifyPin('482913', (ran.json as { pinHash: string }).pinHash)).toBe(true);
  });

  it('refuses what is no PIN, without repeating it', async () => {
    const ran = await yichuang(['staff', 'hash-pin'], '48x913');
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'pin' } } });
    expect(ran.stdout + ran.stderr).not.toContain('48x913');
  });
});

describe('yichuang enrol', () => {
  it.each([
    ['standard', 43],
    ['national', 87],
  ])('prints a public key of the %s suite when terminal.yaml chooses it', async (suite, characters) => {
    const etc = join(mkdtempSync(join(tmpdir(), 'yc-cli-')), 'etc');
    const ran = await yichuang(['enrol', '--config', configurationWith(etc, { gateway: { suite } })]);
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    const { publicKey } = ran.json as { publicKey: string };
    expect([suiteOfPublicKey(publicKey), publicKey.length]).toEqual([suite, characters]);
  });

  it('asks and takes in by the suite of terminal.yaml', async () => {
    const etc = join(mkdtempSync(join(tmpdir(), 'yc-cli-')), 'etc');
    const config = configurationWith(etc, { gateway: { suite: 'national' } });
    const asked = await yichuang(['enrol', '--config', config, '--code', 'ABCD-EFGH-JKMN-PQRS']);
    expect(asked).toMatchObject({ exit: 1, json: { error: { code: 'gateway-away' } } });
    const given = await yichuang(['enrol', '--config', config, '--provisioning', config]);
    expect(given).toMatchObject({ exit: 1, json: { error: { code: 'provisioning-malformed' } } });
    expect(readdirSync(etc)).toEqual(['terminal-sm2.key']);
  });

  it('tells the line of a mistake in terminal.yaml', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'yc-cli-')), 'terminal.yaml');
    writeFileSync(file, 'colour: red\n');
    const ran = await yichuang(['enrol', '--config', file]);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'configuration' } } });
    expect(ran.stderr).toContain(`${file}:1:1: colour: this key is not known`);
    expect(ran.stderr).toMatch(/^.+\n$/);
  });

  it.each([
    ['a folder that cannot be made', '/dev/null/etc', 'folder'],
    ['what nobody expected', 'e\0tc', 'unexpected'],
  ])('answers %s in JSON and one line', async (_what, etc, code) => {
    const ran = await yichuang(['enrol', '--config', configurationWith(etc)]);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code } } });
    expect(ran.stderr).toMatch(new RegExp(`^${code}: .+\n$`));
  });
});

describe('yichuang sync', () => {
  it('asks the service that runs, and believes only that it has heard', async () => {
    const run = mkdtempSync(join(tmpdir(), 'yc-run-'));
    const config = configurationWith('etc', { run });
    const alone = await yichuang(['sync', 'now', '--config', config, '--timeout', '0.1']);
    expect(alone).toMatchObject({ exit: 1, json: { error: { code: 'not-heard' } } });
    let asked = 0;
    const status = { state: { at: 'stopped', code: 'revoked', detail: 'this terminal was revoked' }, unsynced: 2 };
    const answers = { 'send-now': () => void (asked += 1), 'sync-status': () => status, 'rotate-key': () => undefined };
    onTestFinished(hearAsks(run, { answers, log: silentLog() }));
    expect(await yichuang(['sync', 'now', '--config', config, '--timeout', '60'])).toMatchObject({
      exit: 0,
      json: { heard: true },
    });
    expect(asked).toBe(1);
    const told = await yichuang(['sync', 'status', '--config', config, '--timeout', '60']);
    expect(told).toMatchObject({ exit: 0, json: status });
  });

  it.each([
    ['a folder that is not there', () => configurationWith('etc', { run: '/nowhere/run' }), 'folder'],
    ['no configuration', () => '/nowhere/terminal.yaml', 'configuration'],
  ])('names %s', async (_what, config, code) => {
    expect(await yichuang(['sync', 'now', '--config', config()])).toMatchObject({ exit: 1, json: { error: { code } } });
  });
});

describe('yichuang identity rotate', () => {
  /** An enrolled terminal; its data folder is beside its terminal.yaml. */
  function enrolled() {
    const etc = mkdtempSync(join(tmpdir(), 'yc-etc-'));
    const run = mkdtempSync(join(tmpdir(), 'yc-run-'));
    enrol(etc);
    const config = configurationWith(etc, { run });
    const rotate = () => yichuang(['identity', 'rotate', '--config', config, '--timeout', '60']);
    return { etc, run, store: join(dirname(config), 'data', STORE_FILE), rotate };
  }

  it('makes the next key while no service runs, once, and leaves the one that signs', async () => {
    const { etc, rotate } = enrolled();
    const present = ensureTerminalKey(etc);
    expect(await rotate()).toMatchObject({ exit: 0, json: { begun: true } });
    const next = readFileSync(join(etc, 'terminal.next.key'));
    expect(await rotate()).toMatchObject({ exit: 0 });
    expect(readFileSync(join(etc, 'terminal.next.key'))).toEqual(next);
    expect(statSync(join(etc, 'terminal.next.key')).mode & 0o777).toBe(0o600);
    expect(ensureTerminalKey(etc).equals(present)).toBe(true);
  });

  it.each([
    [
      { ok: true, value: { begun: true } },
      { exit: 0, json: { begun: true } },
    ],
    [
      { ok: false, error: { code: 'key-missing', detail: 'd', remedy: 'r' } },
      { exit: 1, json: { error: { code: 'key-missing', detail: 'd', remedy: 'r' } } },
    ],
  ])('asks the service that holds the store, and tells its answer %j', async (answer, expected) => {
    const { etc, run, store, rotate } = enrolled();
    const lock = lockStore(store);
    if (!lock.ok) throw new Error(lock.error.detail);
    onTestFinished(() => lock.value.release());
    const answers = { 'send-now': () => undefined, 'sync-status': () => undefined, 'rotate-key': () => answer };
    onTestFinished(hearAsks(run, { answers, log: silentLog() }));
    expect(await rotate()).toMatchObject(expected);
    expect(readdirSync(etc)).not.toContain('terminal.next.key');
  });

  it('says of a terminal without an identity that it has none', async () => {
    const config = configurationWith(mkdtempSync(join(tmpdir(), 'yc-etc-')));
    const ran = await yichuang(['identity', 'rotate', '--config', config]);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'not-enrolled' } } });
  });
});

describe('yichuang service', () => {
  it('runs without a screen, says why it serves nobody, and stops when it is told to', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'yc-cli-')), 'terminal.yaml');
    writeFileSync(file, 'colour: red\n');
    const child = spawn(process.execPath, [CLI, 'service', '--config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    const [said] = (await once(child.stderr, 'data')) as [Buffer];
    expect(said.toString('utf8')).toContain(`out of service: configuration: ${file}:1:1`);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

describe('the command line', () => {
  it('answers a wrong connection with the forms that it takes', async () => {
    const ran = await yichuang(['device', 'status', '--connection', 'com1']);
    expect(ran.exit).not.toBe(0);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toContain('serial:PATH[?baud=N]');
  });

  it("reaches the district's side", async () => {
    const ran = await yichuang(['gateway', '--help']);
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toContain('enrol-code');
  });

  it('reaches the fleet that sizes a gateway', async () => {
    const ran = await yichuang(['fleet', 'simulate', '--help']);
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toContain('--enrol-codes <file>');
  });
});
