import type { ScreenEvent } from '#contract/calls.ts';
import { unreachable } from '#contract/result.ts';
import type { OutOfService, TerminalHealth, TerminalSnapshot } from '#contract/terminal.ts';

type Visit = Extract<ScreenEvent, { event: 'visit' }>;

/**
 * What stands on the screen, for a page that is laid anew. While the service is away it says so in the service's place, with
 * the community's telephone number kept.
 */
export class ScreenMemory {
  readonly #problem: string | null;
  #terminal: TerminalSnapshot;
  #visit: Visit | null = null;

  /** @param problem what is wrong with `terminal.yaml`; it is the reason for as long as the service is silent. */
  constructor(community: TerminalSnapshot['community'], problem: string | null) {
    this.#problem = problem;
    this.#terminal = {
      health: this.#away({ why: 'starting', detail: '' }),
      community,
      network: 'offline',
      unsynced: 0,
      alerts: [],
    };
  }

  /** Whether a page has been shown something of a visit since the last wipe. */
  get holdsVisit(): boolean {
    return this.#visit !== null;
  }

  keep(event: ScreenEvent): void {
    switch (event.event) {
      case 'terminal':
        this.#terminal = event.terminal;
        return;
      case 'visit':
        this.#visit = event;
        return;
      case 'wiped':
        this.#visit = null;
        return;
      case 'sound':
      case 'speech':
        return;
      default:
        unreachable(event);
    }
  }

  /** A dead service takes its visit with it (R25). */
  serviceStopped(detail: string): void {
    this.#visit = null;
    this.#terminal = {
      ...this.#terminal,
      health: this.#away({ why: 'service-stopped', detail }),
      network: 'offline',
    };
  }

  /** The events that bring a fresh page up to date. */
  replay(): ScreenEvent[] {
    const terminal: ScreenEvent = { event: 'terminal', terminal: this.#terminal };
    return this.#visit ? [terminal, this.#visit] : [terminal];
  }

  #away(reason: OutOfService): TerminalHealth {
    const known = this.#problem === null ? reason : ({ why: 'configuration', detail: this.#problem } as const);
    return { is: 'out-of-service', ...known };
  }
}
