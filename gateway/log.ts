/** The gateway's log: JSON lines on stderr, without anything that came from outside. */
import { type DestinationStream, destination, type Logger, pino } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Of an error only its kind: messages and properties repeat what was sent, a parser's even the packet. Of requests nothing: they hold addresses. */
const serializers = {
  err: (error: unknown) => ({ type: error instanceof Error ? error.name : typeof error, code: errorCode(error) }),
  req: () => undefined,
  res: () => undefined,
};

export function logOf(
  name: string,
  level: LogLevel,
  to: DestinationStream = destination({ dest: 2, sync: true }),
): Logger {
  return pino({ name, level, serializers }, to);
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** Where an error came from, without its message. */
export function framesOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
