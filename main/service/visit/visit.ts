import { createActor } from 'xstate';
import type { CallAnswer } from '#contract/calls.ts';
import { type VisitSnapshot } from '#contract/visit.ts';
import type { AuditEventName } from '../audit-events.ts';
import type { AuditEvent } from '../store/audit.ts';
import { auditOf } from './audit.ts';
import { fits, notTaken, TAKEN } from './calls.ts';
import type { VisitEvent } from './context.ts';
import { visitMachine } from './machine.ts';
import type { VisitPorts } from './ports.ts';
import { type VisitState, visitSnapshot } from './snapshot.ts';

export interface VisitOptions {
  readonly ports: VisitPorts;
  /** Writes the events of one transition. */
  audit(events: readonly AuditEvent<AuditEventName>[]): void;
  /** Hears every new snapshot. */
  changed(snapshot: VisitSnapshot): void;
  /** Hears a failure that nobody expected: the machine has stopped, and the service should start anew. */
  failed(error: unknown): void;
}

/** The running visit: calls go in, snapshots come out. */
export class Visit {
  readonly #o: VisitOptions;
  readonly #actor;
  #state: VisitState;
  #revision = 0;

  constructor(options: VisitOptions) {
    this.#o = options;
    const { timers } = options.ports;
    this.#actor = createActor(visitMachine, {
      input: options.ports,
      clock: {
        setTimeout: (run: () => void, ms: number) => timers.after(ms, run),
        clearTimeout: (cancel: () => void) => cancel(),
      },
    });
    this.#state = this.#actor.getSnapshot();
    this.#actor.subscribe({ next: (state) => this.#moved(state), error: (error) => options.failed(error) });
    this.#actor.start();
  }

  get snapshot(): VisitSnapshot {
    // The machine's own state: a device may speak from within a transition, when what was wiped still stands in the one before.
    return visitSnapshot(this.#actor.getSnapshot(), this.#revision);
  }

  /** Whether the screen waits for the next person, and nothing of another lies about. */
  get isIdle(): boolean {
    return this.snapshot.step.at === 'attract';
  }

  /** A call of the screen. What a person does also starts the deadline anew. */
  call(event: VisitEvent): CallAnswer {
    if (!this.#state.can(event)) return notTaken('not-now');
    if (!fits(event, this.#state.context)) return notTaken('invalid');
    this.#actor.send(event);
    if (event.type !== 'visit.extend' && event.type !== 'visit.touch') this.#actor.send({ type: 'visit.touch' });
    return TAKEN;
  }

  /** What papers and the district tell. */
  tell(event: Extract<VisitEvent, { type: 'print.changed' | 'district.acknowledged' | 'alerts.changed' }>): void {
    this.#actor.send(event);
  }

  /** Something that the screen shows and the machine does not hold has changed, such as a device. */
  refresh(): void {
    this.#revision += 1;
    this.#o.changed(this.snapshot);
  }

  /** Ends and wipes whatever goes on; the machine stops. */
  stop(): void {
    this.#actor.send({ type: 'visit.end' });
    this.#actor.stop();
  }

  #moved(state: VisitState): void {
    const before = this.#state;
    if (state === before) return;
    this.#state = state;
    if (state.status !== 'active') return;
    const events = auditOf(before, state);
    if (events.length > 0) this.#o.audit(events);
    this.refresh();
  }
}
