import { afterEach, beforeEach } from 'vitest';
import { err, ok, unreachable } from '#contract/result.ts';
import type { DeviceEvent } from '#drivers/common/port.ts';
import type { Ask } from '#drivers/document-printer/client.ts';
import { IppPrinter } from '#drivers/document-printer/device.ts';
import type { IppAnswer, Value } from '#drivers/document-printer/ipp.ts';
import type { DocumentPrinter } from '#drivers/document-printer/port.ts';
import type { Operation } from '#drivers/document-printer/protocol.ts';
import { VirtualTimers } from '../stand.ts';

export const PDF = new Uint8Array(10);

function says(attributes: Readonly<Record<string, Value | readonly Value[]>>, status = 0): IppAnswer {
  const listed = Object.entries(attributes).map(
    ([name, value]) => [name, Array.isArray(value) ? value : [value]] as const,
  );
  return { status, groups: [{ tag: 4, attributes: new Map(listed) }] };
}

/** A job in a list; '' stands for a printer that does not say whose it is. */
type Listed = readonly [number: number, user: string];

/** A scripted printer: what it says of itself and of its only job. */
class Queue {
  readonly asked: Operation[] = [];
  readonly sent: object[] = [];
  printer: Readonly<Record<string, Value | readonly Value[]>> = { 'printer-state': 3, 'printer-state-reasons': 'none' };
  /** Job states, one for each question; the last one stays. */
  job: number[] = [3, 5, 9];
  reasons: string | string[] = 'none';
  off = false;
  statuses: Partial<Record<Operation, number>> = {};
  lose: Operation | undefined;
  /** Unfinished jobs that stand in the printer: their number and whose they are. */
  left: Listed[] = [];
  /** Jobs that have ended and that CUPS keeps. */
  kept: Listed[] = [];

  readonly ask: Ask = async (operation, attributes, { job }) => {
    this.asked.push(operation);
    this.sent.push({ operation, ...attributes, ...job });
    if (this.off || this.lose === operation) return err({ detail: 'ECONNREFUSED' });
    const status = this.statuses[operation] ?? 0;
    switch (operation) {
      case 'Get-Printer-Attributes':
        return ok(says(this.printer, status));
      case 'Get-Job-Attributes': {
        const [state = 9] = this.job;
        if (this.job.length > 1) this.job.shift();
        return ok(says({ 'job-state': state, 'job-state-reasons': this.reasons }, status));
      }
      case 'Get-Jobs': {
        const listed = attributes['which-jobs'] === 'completed' ? this.kept : this.left;
        return ok({
          status,
          groups: listed.map(([id, user]) => ({
            tag: 2,
            attributes: new Map<string, Value[]>([
              ['job-id', [id]],
              ['job-originating-user-name', user === '' ? [] : [user]],
            ]),
          })),
        });
      }
      case 'Cancel-Job':
        if (status === 0) this.#cancel(attributes['job-id'], attributes['purge-job'] === true);
        return ok(says({}, status));
      case 'Create-Job':
      case 'Print-Job':
        return ok(says(status === 0 ? { 'job-id': 42 } : {}, status));
      case 'Send-Document':
        return ok(says({}, status));
      default:
        return unreachable(operation);
    }
  };

  #cancel(number: unknown, purge: boolean): void {
    const others = (jobs: Listed[]) => jobs.filter(([each]) => each !== number);
    const left = this.left.filter(([each]) => each === number);
    if (purge) this.kept = others(this.kept);
    else if (left.length === 0) this.job = [7];
    else this.kept.push(...left);
    this.left = others(this.left);
  }
}

export let timers: VirtualTimers;
export let queue: Queue;
export let printer: DocumentPrinter;
export let events: DeviceEvent[];

export function open(how: { looksOnly?: boolean } = {}, ask: Ask = queue.ask): void {
  const log = (event: DeviceEvent) => events.push(event);
  const connection = { by: 'ipp', url: 'ipp://nowhere/ipp/print' } as const;
  printer = new IppPrinter(ask, { connection, timers, log, ...how });
}
export const print = (signal = new AbortController().signal) =>
  timers.until(printer.print({ pdf: PDF, name: 'certificate', signal }));

/** A printer of its own for each test of a file. */
export function eachWithItsPrinter(): void {
  beforeEach(() => {
    timers = new VirtualTimers();
    queue = new Queue();
    events = [];
  });
  afterEach(() => timers.until(printer.close()));
}
