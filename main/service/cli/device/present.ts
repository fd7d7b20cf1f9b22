import type { CameraState, PrinterState, ReaderState, ScannerState } from '#contract/devices.ts';
import type { Device } from '#drivers/index.ts';
import type { CommandError } from '../outcome.ts';

export type DeviceState = ReaderState | PrinterState | ScannerState | CameraState;

/** Waits until a device answers, then lets go of it. @returns its state. */
export async function look<S extends DeviceState>(device: Device<S>, timeoutMs: number): Promise<S> {
  try {
    return await present(device, timeoutMs);
  } finally {
    await device.close();
  }
}

/** Waits until a device answers, at most `timeoutMs`. @returns its state then. */
export async function present<S extends DeviceState>(device: Device<S>, timeoutMs: number): Promise<S> {
  if (device.state.state !== 'away') return device.state;
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(), timeoutMs);
    const forget = device.onState((state) => {
      if (state.state !== 'away') settle();
    });
    const settle = () => {
      clearTimeout(timer);
      forget();
      resolve(device.state);
    };
  });
}

export function named(error: { code: string; why: string; remedy: string }): CommandError {
  return { code: error.code, detail: error.why, remedy: error.remedy };
}
