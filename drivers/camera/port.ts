import type { Connection } from '#contract/connection.ts';
import type { CameraState } from '#contract/devices.ts';
import type { Device, DriverOptions } from '../common/port.ts';

/**
 * A camera for materials (V4L2). It is `ready` while its file is there, gives pictures and may be opened; the pictures are taken by the
 * screen, and nothing is taken here.
 */
export type Camera = Device<CameraState>;

/** Where the kernel shows what is plugged in, so that any machine can be played. */
export interface CameraSystem {
  /** The folder of device files. */
  readonly dev: string;
  /** The folder of sysfs. */
  readonly sys: string;
}

export interface CameraOptions extends DriverOptions {
  readonly connection: Connection;
  /** `/dev` and `/sys` when not given. */
  readonly system?: CameraSystem;
}
