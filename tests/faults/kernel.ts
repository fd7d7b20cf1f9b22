/** Power cuts of a disk and a network of one's own; both need rights that not every machine gives. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('./kernel.py', import.meta.url));
/** Milliseconds; only what hangs takes so long. */
const PATIENCE_MS = 30_000;
const DISK_BYTES = 512 * 1024 * 1024;

/** Carries out orders, within a network namespace of its own where that is asked for. */
class Kernel {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: Interface;
  readonly #ended: Promise<string[]>;

  constructor(through: readonly string[] = []) {
    const [program, ...args] = [...through, 'python3', SCRIPT];
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#answers = createInterface({ input: this.#child.stdout });
    this.#ended = once(this.#child, 'exit').then(() => ['this machine does not allow it']);
  }

  get pid(): number {
    return Number(this.#child.pid);
  }

  /** @throws Error with the kernel's words */
  async order(...words: string[]): Promise<void> {
    this.#child.stdin.write(`${words.join(' ')}\n`);
    const [answer] = await Promise.race([once(this.#answers, 'line'), this.#ended]);
    if (answer !== 'done') throw new Error(String(answer));
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

/** A disk in a file, with ext4 on it, that can lose its power. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly folder: string;
  readonly #root: string;
  readonly #image: string;
  readonly #kernel = new Kernel();
  #isMounted = false;

  private constructor(root: string) {
    this.#root = root;
    this.folder = join(root, 'disk');
    this.#image = join(root, 'image');
  }

  /** @throws Error where this machine allows no such disk */
  static async open(): Promise<LoopDisk> {
    const disk = new LoopDisk(mkdtempSync(join(tmpdir(), 'yc-disk-')));
    try {
      mkdirSync(disk.folder);
      writeFileSync(disk.#image, '');
      truncateSync(disk.#image, DISK_BYTES);
      await run('mkfs.ext4', ['-q', '-F', '-m', '0', disk.#image]);
      await disk.mount();
      return disk;
    } catch (error) {
      await disk.close();
      throw error;
    }
  }

  async mount(): Promise<void> {
    await run('mount', ['-o', 'loop', this.#image, this.folder]);
    this.#isMounted = true;
  }

  /** Nothing is written from now on; whoever has files open there gets errors. */
  async cut(): Promise<void> {
    await this.#kernel.order('cut', this.folder);
  }

  /** The machine starts again, after all who had files open have ended. */
  async remount(): Promise<void> {
    await this.#unmount();
    await this.mount();
  }

  async close(): Promise<void> {
    if (this.#isMounted) await this.#unmount();
    this.#kernel.close();
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** Whoever had files open may still be on the way to its end. */
  async #unmount(): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    while (this.#isMounted) {
      try {
        await run('umount', [this.folder]);
        this.#isMounted = false;
      } catch (error) {
        if (performance.now() > until) throw error;
        await pause(50);
      }
    }
  }
}

/** A network namespace with nothing in it but its loopback interface, which goes up and down. */
export class OwnNetwork {
  readonly #kernel = new Kernel(['unshare', '--net']);

  /** @throws Error where this machine allows none */
  static async open(): Promise<OwnNetwork> {
    const network = new OwnNetwork();
    try {
      await network.set('up');
      return network;
    } catch (error) {
      network.close();
      throw error;
    }
  }

  /** A command's beginning that runs it in this network. */
  get through(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.#kernel.pid}/ns/net`, '--'];
  }

  set(state: 'up' | 'down'): Promise<void> {
    return this.#kernel.order(state);
  }

  close(): void {
    this.#kernel.close();
  }
}
