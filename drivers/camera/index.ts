import { VideoCamera } from './device.ts';
import type { Camera, CameraOptions } from './port.ts';

/** Opens a camera; it is looked for, and found again when it was away, by itself until it is closed. */
export function openCamera(options: CameraOptions): Camera {
  return new VideoCamera(options);
}
