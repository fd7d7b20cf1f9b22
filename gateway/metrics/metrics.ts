/** What a gateway counts. No label names a terminal, a person or an address. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { EntryAnswer } from '#contract/wire.ts';
import type { Admission } from '../http/admission.ts';
import type { GatewayStore } from '../store/store.ts';
import { Counter, family, Histogram } from './exposition.ts';

/** Seconds; a batch takes milliseconds, the longest request two minutes to arrive. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

export interface MetricsOptions {
  readonly admission: Pick<Admission, 'inHand' | 'batchBytes'>;
  readonly store: Pick<GatewayStore, 'figures'>;
  readonly intakeState: () => string;
  readonly now: () => Date;
  /** Milliseconds without a heartbeat after which a terminal is silent. */
  readonly silentMs: number;
}

export class Metrics {
  readonly #requests = new Counter();
  readonly #seconds = new Histogram(BOUNDS);
  readonly #entries = new Counter();
  readonly #failures = new Counter();
  readonly #loop = monitorEventLoopDelay();

  constructor() {
    this.#loop.enable();
  }

  /** Measures no more; what was counted can still be read. */
  stop(): void {
    this.#loop.disable();
  }

  /** @param route as it is declared, never what was asked for */
  answered(route: string, status: number, seconds: number): void {
    this.#requests.add({ route, status: String(status) });
    this.#seconds.observe({ route }, seconds);
  }

  taken(entries: readonly EntryAnswer[]): void {
    for (const { result, code } of entries) this.#entries.add({ result, code: code ?? '' });
  }

  failed(kind: 'store-busy' | 'unexpected'): void {
    this.#failures.add({ kind });
  }

  /** Everything as Prometheus reads it. A store that is away is told as such, and the rest all the same. */
  async text(o: MetricsOptions): Promise<string> {
    const prefix = 'yichuang_gateway_';
    const { rss } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const lanes = Object.entries(o.admission.inHand).map(([lane, value]) => ({ labels: { lane }, value }));
    const delay = Number.isNaN(this.#loop.mean) ? 0 : this.#loop.percentile(99) / 1e9;
    const intake = o.intakeState() === 'running' ? 1 : 0;
    const families = [
      this.#requests.text(`${prefix}requests_total`, 'Requests by route and status; 429 were refused by admission.'),
      this.#seconds.text(`${prefix}request_duration_seconds`, 'From the head of a request to the end of its answer.'),
      this.#entries.text(`${prefix}entries_total`, 'Entries of batches by their answer.'),
      this.#failures.text(`${prefix}failures_total`, 'Requests that failed here, the store being busy or away or not.'),
      family(`${prefix}requests_in_hand`, 'gauge', 'Requests in hand.', lanes),
      family(`${prefix}batch_bytes_in_hand`, 'gauge', 'Content of batches in hand.', [
        { value: o.admission.batchBytes },
      ]),
      family(`${prefix}intake_running`, 'gauge', 'Whether the intake worker runs.', [{ value: intake }]),
      ...(await stored(o, prefix)),
      family('process_resident_memory_bytes', 'gauge', 'Memory of the gateway.', [{ value: rss }]),
      family('process_cpu_seconds_total', 'counter', 'Processor time.', [{ value: (user + system) / 1e6 }]),
      family(`${prefix}event_loop_delay_seconds`, 'gauge', '99th percentile since the start.', [{ value: delay }]),
    ];
    return `${families.join('\n')}\n`;
  }
}

async function stored({ store, now, silentMs }: MetricsOptions, prefix: string): Promise<string[]> {
  const figures = await store.figures(new Date(now().getTime() - silentMs)).catch(() => null);
  const up = family(`${prefix}store_up`, 'gauge', 'Whether the store answers.', [{ value: figures ? 1 : 0 }]);
  if (!figures) return [up];
  const { unseen, quarantined, terminals } = figures;
  const states = Object.entries(terminals).map(([state, value]) => ({ labels: { state }, value }));
  return [
    up,
    family(`${prefix}intake_lag_entries`, 'gauge', 'Entries that are joined and not seen.', [{ value: unseen }]),
    family(`${prefix}quarantined_entries`, 'gauge', 'Entries that wait in quarantine.', [{ value: quarantined }]),
    family(`${prefix}terminals`, 'gauge', 'Terminals by what is heard of them.', states),
  ];
}
