import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, parseConnection } from '#contract/connection.ts';

/** A simulated device's connection, as the driver takes it. */
export function connectionOf(text: string): Connection {
  const parsed = parseConnection(text);
  if (!parsed.ok) throw new Error(parsed.error.remedy);
  return parsed.value;
}

const PATIENCE_MS = 15_000;

/** Waits until a device says this of itself. */
export async function becomes(device: { readonly state: { readonly state: string } }, state: string): Promise<void> {
  for (const due = performance.now() + PATIENCE_MS; device.state.state !== state; await pause(10)) {
    if (performance.now() > due) throw new Error(`a device is ${JSON.stringify(device.state)} and not ${state}`);
  }
}
