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
  export default function roll(
    options: RollOptions,
  ): Promise<DestinationStream & { end(): void; once(event: 'close', run: () => void): void }>;
}
