import type { Result } from '#contract/result.ts';
import type { Trouble } from './life.ts';

/** Bytes to a device and back; the kind of the wire does not show. */
export interface Transport {
  write(bytes: Uint8Array): void;
  /** One listener; what comes before it is set is lost. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** One listener, told once when the other side or the wire ends it. */
  onClose(listener: () => void): void;
  close(): Promise<void>;
}

/** Bytes from a device that nothing is sent to. */
export type Source = Omit<Transport, 'write'>;

/** Opens the wire; `baud` counts on serial lines only. `reset` puts a device into its first state before, where the wire itself can. */
export type Connect = (baud: number, reset?: boolean) => Promise<Result<Transport, Trouble>>;

/** Stands for a listener until one comes. */
export const nobody = (): void => undefined;
