import type { CameraState } from '#contract/devices.ts';
import { err, type Result } from '#contract/result.ts';
import { keep, type Life, type Trouble } from '../common/life.ts';
import { pluggedAt, watchFolder } from '../common/plug.ts';
import { systemTimers, type Timers } from '../common/port.ts';
import { Alarm } from '../common/wait.ts';
import { Watched } from '../common/watched.ts';
import { lookAt } from './look.ts';
import type { VideoNode } from './nodes.ts';
import type { Camera, CameraOptions, CameraSystem } from './port.ts';
import { NODE, TIMING } from './protocol.ts';

const WRONG: Trouble = { why: 'wrong-connection', remedy: 'write video:PATH for a camera' };
const CLOSED: Trouble = { why: 'port-closed', remedy: 'check the cable of the camera' };

/** The camera's life: nothing is held open while it is there; the kernel tells when its file goes, and when it comes. */
export class VideoCamera implements Camera, Life<VideoNode, Trouble> {
  readonly #connection: CameraOptions['connection'];
  readonly #system: CameraSystem;
  readonly #timers: Timers;
  readonly #watched: Watched<CameraState>;
  readonly #closing = new AbortController();
  readonly #life: Promise<void>;

  constructor(options: CameraOptions) {
    this.#connection = options.connection;
    this.#system = options.system ?? { dev: '/dev', sys: '/sys' };
    this.#timers = options.timers ?? systemTimers();
    const first = { state: 'away', why: 'connecting', remedy: 'wait a moment' } as const;
    this.#watched = new Watched<CameraState>('camera', first, options.log);
    this.#life = keep(this, this.#timers, this.#closing.signal, pluggedAt(options.connection));
  }

  get state(): CameraState {
    return this.#watched.state;
  }

  onState(listener: (state: CameraState) => void): () => void {
    return this.#watched.on(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#life;
  }

  async open(): Promise<Result<VideoNode, Trouble>> {
    return this.#connection.by === 'video' ? lookAt(this.#connection.path, this.#system) : err(WRONG);
  }

  async serve({ name }: VideoNode, signal: AbortSignal, works: () => void): Promise<Trouble> {
    const bell = new Alarm();
    const ring = () => bell.ring();
    const unwatch = watchFolder(this.#system.dev, (file) => NODE.test(file), ring);
    const cancel = this.#timers.after(TIMING.steadyMs, works);
    signal.addEventListener('abort', ring);
    if (!signal.aborted) this.#watched.set({ state: 'ready' }, name);
    // It may have gone before the watch stood.
    ring();
    let looked: Result<VideoNode, Trouble>;
    do {
      await bell.wait(this.#timers, TIMING.lookMs);
      looked = await this.open();
    } while (!signal.aborted && (looked.ok || isTaken(looked.error)));
    signal.removeEventListener('abort', ring);
    cancel();
    unwatch();
    return looked.ok ? CLOSED : looked.error;
  }

  lost({ why, remedy, detail }: Trouble): void {
    this.#watched.set({ state: 'away', why, remedy }, detail);
  }
}

/** Some drivers let one program in at a time: the screen that takes a picture does not make the camera away. */
function isTaken({ why }: Trouble): boolean {
  return why === 'port-busy';
}
