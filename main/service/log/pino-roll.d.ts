declare module 'pino-roll' {
  import type { DestinationStream } from 'pino';

  interface RollOptions {
    file: string;
    frequency: 'daily';
    size: string;
    dateFormat: string;
    limit: { count: number; removeOtherLogFiles: boolean };
    mode: number;
    sync: boolean;
  }
  interface RollStream extends DestinationStream {
    end(): void;
    on(event: 'error', run: () => void): void;
    once(event: 'close' | 'error', run: () => void): void;
  }
  export default function roll(options: RollOptions): Promise<RollStream>;
}
