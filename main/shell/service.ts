import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ToService } from '#contract/calls.ts';

/** One life of the service, as the supervisor sees it. */
export interface ServiceLife {
  /** The way to it and from it. */
  readonly stream: Duplex;
  /** Calls once, when this life is over, with the reason in words for staff. */
  onOver(tell: (detail: string) => void): void;
  /** Makes an end of it at once, when it hangs. */
  cut(): void;
  /** What it has to hear to end in order; `null` when it is not ours to end. */
  readonly farewell: ToService | null;
}

export interface ServiceProgram {
  readonly node: string;
  readonly entry: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The descriptor over which a service that the shell starts speaks with it. */
const DESCRIPTOR = 3;

/** Starts a service of our own: on a machine without units, in development and in tests. */
export function startService({ node, entry, args, env }: ServiceProgram): ServiceLife {
  const child = spawn(node, [entry, '--screen-descriptor', String(DESCRIPTOR), ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    env,
  });
  return lifeOf(child);
}

/** A child process that speaks over its fourth descriptor, as a life. */
export function lifeOf(child: ChildProcess): ServiceLife {
  return {
    stream: child.stdio[DESCRIPTOR] as Duplex,
    onOver(tell) {
      child.once('error', (error) => {
        // A process that never came to be has no exit.
        if (child.pid === undefined) tell(`cannot be started: ${error.message}`);
      });
      child.once('exit', (code, signal) => tell(signal ?? `exit code ${code}`));
    },
    cut: () => child.kill('SIGKILL'),
    farewell: { type: 'stop' },
  };
}

/**
 * Meets the service that systemd runs, under a user of its own, at its socket. Its life ends for us when the connection does; one that
 * hangs is let go of, and systemd's watchdog ends it.
 */
export function meetService(socket: string): ServiceLife {
  const stream = connect(socket);
  return {
    stream,
    onOver(tell) {
      let problem = 'it closed the connection';
      stream.once('error', (error) => {
        problem = `${socket}: ${error.message}`;
      });
      stream.once('close', () => tell(problem));
    },
    cut: () => stream.destroy(),
    farewell: null,
  };
}
