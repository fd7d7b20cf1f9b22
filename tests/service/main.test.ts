import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { FromService, type ToService } from '#contract/calls.ts';

/** The service as the shell starts it. */
class Child {
  readonly process: ChildProcess;
  readonly heard: FromService[] = [];

  constructor(config: string) {
    this.process = fork(resolve('main/service/main.ts'), ['--config', config], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.process.on('message', (message) => this.heard.push(FromService.parse(message)));
    onTestFinished(() => {
      this.process.kill('SIGKILL');
    });
  }

  send(message: ToService): void {
    this.process.send(message);
  }

  async hears<T>(find: (message: FromService) => T | undefined): Promise<T> {
    for (;;) {
      for (const message of this.heard) {
        const found = find(message);
        if (found !== undefined) return found;
      }
      await once(this.process, 'message');
    }
  }

  /** The reason that the screen is shown. */
  outOfService(): Promise<{ why: string; detail: string }> {
    return this.hears((message) =>
      message.type === 'event' && message.event.event === 'terminal'
        ? (message.event.terminal.outOfService ?? undefined)
        : undefined,
    );
  }

  answer(id: number): Promise<FromService & { type: 'answer' }> {
    return this.hears((message) => (message.type === 'answer' && message.id === id ? message : undefined));
  }
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'yc-main-'));
}

function configure(root: string, changes: object = {}): string {
  const file = join(root, 'terminal.yaml');
  writeFileSync(
    file,
    stringify({
      community: {
        street: { zh: '友谊路街道', en: 'Youyilu Subdistrict' },
        name: { zh: '测试里社区', en: 'Ceshili Community' },
        phone: '022-55500107',
        desk: { zh: '一号窗口', en: 'Window 1' },
        opens: '09:00',
        closes: '17:30',
        estates: [{ id: 'ceshili', name: { zh: '测试里', en: 'Ceshili' } }],
      },
      screen: { widthMm: 337, heightMm: 600, widthPx: 1080, heightPx: 1920 },
      folders: { etc: 'etc', data: 'data', run: 'run', log: 'log' },
      catalogue: resolve('image/catalogue'),
      devices: {
        idCard: { connection: 'tcp:127.0.0.1:9' },
        receiptPrinter: { connection: 'tcp:127.0.0.1:9', paperMm: 80 },
        documentPrinter: { connection: 'ipp://127.0.0.1:9/ipp/print' },
      },
      gateway: { url: 'http://127.0.0.1:9' },
      staff: [{ id: 'worker-1', name: '李工', pinHash: `scrypt$1024$8$1$${'s'.repeat(22)}$${'h'.repeat(43)}` }],
      ...changes,
    }),
  );
  return file;
}

describe('the service process', () => {
  it('says what is wrong in terminal.yaml, answers calls with out-of-service, and stops when told', async () => {
    const root = folder();
    const file = configure(root, { staff: [] });
    const child = new Child(file);
    const reason = await child.outOfService();
    expect(reason.why).toBe('configuration');
    expect(reason.detail).toContain('terminal.yaml:');
    expect(reason.detail).toContain('staff');

    child.send({ type: 'call', id: 1, name: 'visit.begin', input: { display: {} } });
    expect((await child.answer(1)).answer).toEqual({ ok: false, error: { code: 'out-of-service' } });
    child.send({ type: 'call', id: 2, name: 'no.such.call', input: {} });
    expect((await child.answer(2)).answer).toEqual({ ok: false, error: { code: 'unknown-call' } });
    child.send({ type: 'call', id: 3, name: 'screen.ready', input: {} });
    expect((await child.answer(3)).answer).toEqual({ ok: true });

    const ended = once(child.process, 'exit');
    child.send({ type: 'stop' });
    expect(await ended).toEqual([0, null]);
  });

  it('accepts nothing when it was never enrolled', async () => {
    const child = new Child(configure(folder()));
    expect(await child.outOfService()).toMatchObject({ why: 'not-enrolled' });
  });

  it('refuses a doubtful catalogue', async () => {
    const root = folder();
    const child = new Child(configure(root, { catalogue: root }));
    expect(await child.outOfService()).toMatchObject({ why: 'catalogue' });
  });

  it('says that it is alive, and ends when its parent is gone', async () => {
    const child = new Child(configure(folder()));
    await child.hears((message) => (message.type === 'alive' ? true : undefined));
    const ended = once(child.process, 'exit');
    child.process.disconnect();
    expect(await ended).toEqual([0, null]);
  });

  it('ends on SIGTERM', async () => {
    const child = new Child(configure(folder()));
    await child.outOfService();
    const ended = once(child.process, 'exit');
    child.process.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
