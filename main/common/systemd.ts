import { spawn } from 'node:child_process';

/** What systemd gave a process of a unit with `Type=notify`, `WatchdogSec=` or a socket: sd_notify(3), sd_listen_fds(3). */
type Environment = Readonly<Record<string, string | undefined>>;

/** The first descriptor that systemd hands to a unit with a socket. */
const FIRST_DESCRIPTOR = 3;

/**
 * Tells systemd how a unit is; without systemd, nobody. Node has no datagram sockets of the Unix kind, so the words go through
 * systemd's own `systemd-notify`, and the unit says `NotifyAccess=all`.
 */
export class Systemd {
  readonly #env: Environment;
  readonly #watchdogMs: number;
  #beat: NodeJS.Timeout | null = null;

  constructor(env: Environment) {
    this.#env = env;
    this.#watchdogMs = env['NOTIFY_SOCKET'] ? Number(env['WATCHDOG_USEC'] ?? 0) / 1000 : 0;
  }

  /** The unit has started. From now on systemd hears at half its interval that the event loop turns, and ends a unit that hangs. */
  ready(): void {
    if (this.#beat) return;
    this.#tell('READY=1');
    if (this.#watchdogMs > 0) this.#beat = setInterval(() => this.#tell('WATCHDOG=1'), this.#watchdogMs / 2);
  }

  /** One line for `systemctl status`; never personal data. */
  status(words: string): void {
    this.#tell(`STATUS=${words.replaceAll('\n', ' ')}`);
  }

  stopping(): void {
    if (this.#beat) clearInterval(this.#beat);
    this.#tell('STOPPING=1');
  }

  #tell(words: string): void {
    if (!this.#env['NOTIFY_SOCKET']) return;
    // A word that does not get through is made good by the next one, or by the watchdog.
    spawn('systemd-notify', [words], { stdio: 'ignore', env: { ...this.#env } }).on('error', () => undefined);
  }
}

/** The descriptor of the socket that systemd opened for this process, `null` when it opened none. */
export function listeningDescriptor(env: Environment, pid: number): number | null {
  return Number(env['LISTEN_PID']) === pid && Number(env['LISTEN_FDS']) === 1 ? FIRST_DESCRIPTOR : null;
}
