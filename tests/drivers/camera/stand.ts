import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemTimers, type Timers } from '#drivers/common/port.ts';
import { type Camera, type DeviceEvent, openCamera } from '#drivers/index.ts';
import { type Cameras, type SimulatedCamera, simulateCameras } from '#tests/simulators/index.ts';

export const CAMERA: SimulatedCamera = { name: 'Example Camera', number: 0, socket: '1-1', id: 'Example_Camera_A-1' };

/** An empty machine. */
export async function machine(): Promise<Cameras> {
  const folder = await mkdtemp(join(tmpdir(), 'yc-camera-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return simulateCameras(folder);
}

/** Timers that keep the waits of these lengths until a test ends them by hand; all others run. */
export class HeldTimers implements Timers {
  /** The length in milliseconds of each wait that was begun. */
  readonly begun: number[] = [];
  readonly #held = new Map<number, () => void>();
  readonly #lengths: readonly number[];
  readonly #system = systemTimers();

  constructor(...lengths: readonly number[]) {
    this.#lengths = lengths;
  }

  after(ms: number, run: () => void): () => void {
    this.begun.push(ms);
    if (!this.#lengths.includes(ms)) return this.#system.after(ms, run);
    this.#held.set(ms, run);
    return () => {
      if (this.#held.get(ms) === run) this.#held.delete(ms);
    };
  }

  holds(ms: number): boolean {
    return this.#held.has(ms);
  }

  /** Ends the wait of this length. */
  end(ms: number): void {
    const run = this.#held.get(ms);
    if (!run) throw new Error(`nothing waits for ${ms} ms`);
    this.#held.delete(ms);
    run();
  }
}

export interface Opened {
  readonly camera: Camera;
  /** Every change that went into the log. */
  readonly events: DeviceEvent[];
}

export function opened(path: string, { dev, sys }: Cameras, timers?: Timers): Opened {
  const events: DeviceEvent[] = [];
  const camera = openCamera({
    connection: { by: 'video', path },
    system: { dev, sys },
    log: (event) => events.push(event),
    ...(timers && { timers }),
  });
  onTestFinished(() => camera.close());
  return { camera, events };
}
