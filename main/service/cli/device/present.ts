import type { CameraState, PrinterState, ReaderState, ScannerState } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
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

/** Watches a device for so long, then lets go of it. @returns its states in their order, or why there was none but `away`. */
export async function watch<S extends DeviceState>(
  device: Device<S>,
  forMs: number,
): Promise<Result<{ readonly states: readonly S[] }, CommandError>> {
  const states: S[] = [];
  device.onState((state) => states.push(state));
  await new Promise((done) => setTimeout(done, forMs));
  const { state } = device;
  await device.close();
  const away = state.state === 'away' && states.every((each) => each.state === 'away');
  return away ? err(named({ code: 'away', ...state })) : ok({ states });
}

export function named(error: { code: string; why: string; remedy: string }): CommandError {
  return { code: error.code, detail: error.why, remedy: error.remedy };
}
