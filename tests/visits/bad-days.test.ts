import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { launchTerminal } from '#tests/stand/electron.ts';
import { Resident } from '#tests/stand/resident.ts';
import type { Stand } from '#tests/stand/stand.ts';
import { eventually, openScene, readStore, type Scene } from './terminal.ts';

let scene: Scene | null = null;

afterEach(async () => {
  await scene?.close();
  scene = null;
});

describe('a terminal on a bad day', () => {
  it('that was never enrolled says so and accepts nothing', async () => {
    scene = await openScene({ enrolled: false });
    const { resident } = scene;
    await resident.reads('这台机器还没有登记启用');
    const answer = await resident.page.evaluate(() => window.yichuang.call('visit.begin', { display: {} }));
    expect(answer).toEqual({ ok: false, error: { code: 'out-of-service' } });
  });

  it('serves no worse because its district is slow, and hands the case over once', async () => {
    scene = await openScene({ before: async ({ network }) => network.delay(12_000) });
    const { resident, stand } = scene;
    await resident.goTo('done');
    expect(readStore(stand)).toMatchObject({ cases: 1, whole: 1 });
    await stand.network.delay(0);
    await eventually('the case there', async () => ((await stand.gateway.counts()).cases === 1 ? true : null));
  });

  it('takes no rubbish for a receipt: what a stranger answers in the district’s place loses nothing', async () => {
    scene = await openScene({ before: ({ gateway }) => gateway.stop() });
    const { resident, stand } = scene;
    let asked = 0;
    const stranger = createServer((request, response) => {
      asked += 1;
      request.resume();
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><h1>Log in to this network</h1></html>');
    });
    await once(stranger.listen(Number(new URL(stand.gateway.url).port), '127.0.0.1'), 'listening');
    await resident.goTo('done');
    const before = asked;
    await eventually('the stranger to be asked again', () => (asked > before + 1 ? true : null));
    await resident.reads('离线也能办');
    stranger.closeAllConnections();
    await new Promise((done) => stranger.close(done));
    await stand.gateway.start();
    await eventually('the case there', async () => ((await stand.gateway.counts()).cases === 1 ? true : null));
  });

  it('lets no second service at its store, and goes on itself', async () => {
    scene = await openScene();
    const { resident, stand } = scene;
    const second = spawn(process.execPath, [resolve('out/service/main.mjs'), '--config', stand.config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    second.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await eventually('its refusal', () => (said.includes('store-in-use: another service uses') ? true : null));
    const ended = once(second, 'exit');
    second.kill('SIGTERM');
    await ended;
    await resident.goTo('done');
  });
});

/** A small disk of its own in the place of the data folder. */
async function laySmallDisk({ folders }: Stand): Promise<void> {
  const mounted = spawn('mount', ['-t', 'tmpfs', '-o', 'size=260m', 'tmpfs', folders.data], { stdio: 'inherit' });
  const [code] = await once(mounted, 'exit');
  expect(code).toBe(0);
}

async function takeSmallDiskAway({ folders }: Stand): Promise<void> {
  await once(spawn('umount', ['--lazy', folders.data], { stdio: 'inherit' }), 'exit');
}

const filler = ({ folders }: Stand): string => join(folders.data, 'filler');

/** Writes until the disk takes no byte more. */
function fill(stand: Stand): void {
  const file = openSync(filler(stand), 'a');
  try {
    for (const size of [1 << 20, 1 << 12, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size, 1));
      } catch {
        // Full for pieces of this size.
      }
    }
  } finally {
    closeSync(file);
  }
}

// Only root may mount a disk.
describe.skipIf(process.getuid?.() !== 0)('a disk that is full', () => {
  it('is said at each step of a visit, loses nothing, and is over when there is room', async () => {
    scene = await openScene({ before: laySmallDisk });
    const { resident, stand } = scene;
    const makeRoom = (): void => rmSync(filler(stand));
    try {
      await resident.sees('attract');
      fill(stand);
      await resident.press('点屏幕，开始办理');
      await resident.reads('机器存满了，先不收新事');
      makeRoom();
      // It is looked for twice a minute.
      await eventually('a terminal in service', async () =>
        (await resident.page.getByRole('button', { name: '点屏幕，开始办理' }).isVisible()) ? true : null,
      );
      await resident.goTo('consent');
      fill(stand);
      await resident.goTo('check', 'consent');
      await resident.sign();
      await resident.press('提交');
      await resident.reads('机器存满了，没有收下');
      expect(readStore(stand)).toMatchObject({ cases: 0, whole: 0 });
      makeRoom();
      await resident.press('提交');
      await resident.sees('done');
      await resident.reads('打好了，请从小票口取走');
      fill(stand);
      await resident.press('满意');
      await resident.press('提交评价');
      await resident.workerConfirms();
      await resident.reads('机器存满了，没有记下');
      expect(await stand.documentPrinter.papers()).toEqual([]);
      makeRoom();
      await resident.press('确认属实');
      await resident.reads('打好了，请从出纸口取走');
      await resident.press('满意');
      await resident.press('提交评价');
      await resident.reads('谢谢您的评价');
      expect(readStore(stand)).toMatchObject({ cases: 1, whole: 1 });
      await eventually('the case there', async () => ((await stand.gateway.counts()).cases === 1 ? true : null));
      await scene.closeTerminal();
    } finally {
      await takeSmallDiskAway(stand);
    }
  });
});

/** Every file of the terminal's keys and records with a hash of what is in it. */
function contents({ folders }: Stand): Map<string, string> {
  const files = [folders.etc, folders.data].flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  return new Map(files.map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('hex')]));
}

const storeOf = ({ folders }: Stand): string => join(folders.data, 'terminal.sqlite');

function overwrite(file: string, at: number): void {
  const opened = openSync(file, 'r+');
  writeSync(opened, Buffer.alloc(4096, 0xa5), 0, 4096, at);
  closeSync(opened);
}

const harm: readonly [string, string, (stand: Stand) => void][] = [
  ['a store with its head overwritten', '机器的存储要检查', (stand) => overwrite(storeOf(stand), 0)],
  ['a store with a page overwritten', '机器的存储要检查', (stand) => overwrite(storeOf(stand), 3 * 4096)],
  ['a store that was cut off', '机器的存储要检查', (stand) => truncateSync(storeOf(stand), 5 * 4096)],
  [
    'a store that a newer release needs for itself',
    '机器的程序要更新',
    (stand) => {
      const db = new Database(storeOf(stand));
      db.prepare("UPDATE meta SET value = '99' WHERE key = 'least-release'").run();
      db.close();
    },
  ],
  [
    'a store without its key',
    '机器的安全钥匙不在',
    ({ folders }) => renameSync(join(folders.etc, 'store.key'), join(folders.etc, 'away')),
  ],
  [
    'a configuration with a wrong line',
    '机器的设置有问题',
    ({ config }) => writeFileSync(config, readFileSync(config, 'utf8').replace('paperMm: 80', 'paperMm: 70')),
  ],
];

describe('what only a person can put right', () => {
  it('is said on the screen, and nothing is moved, mended or written over', async () => {
    scene = await openScene();
    const { resident, stand } = scene;
    await resident.goTo('done');
    await resident.reads('打好了，请从小票口取走');
    await stand.reader.liftCard();
    const display = scene.terminal.display;
    await scene.closeTerminal();
    const whole = [stand.folders.etc, stand.folders.data].flatMap((folder) =>
      readdirSync(folder).map((name) => [join(folder, name), readFileSync(join(folder, name))] as const),
    );
    for (const [what, words, change] of harm) {
      change(stand);
      const before = contents(stand);
      const terminal = await launchTerminal({ config: stand.config, display });
      await new Resident({ terminal, stand }).reads(words);
      await terminal.close();
      expect(contents(stand), what).toEqual(before);
      rmSync(join(stand.folders.etc, 'away'), { force: true });
      for (const [file, content] of whole) writeFileSync(file, content);
    }
    const terminal = await launchTerminal({ config: stand.config, display });
    await new Resident({ terminal, stand }).goTo('home');
    await terminal.close();
    expect(readStore(stand)).toMatchObject({ cases: 1, whole: 1 });
  });
});
