/** Prometheus' text format, version 0.0.4: families of counters, gauges and histograms. */

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** A family as it is at one moment. */
export function family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  return [...head(name, type, help), ...samples.map(({ labels = {}, value }) => line(name, labels, value))].join('\n');
}

/** Counts by labels; nothing is ever taken off. */
export class Counter {
  readonly #counts = new Map<string, { labels: Labels; value: number }>();

  add(labels: Labels, by = 1): void {
    const key = JSON.stringify(labels);
    const count = this.#counts.get(key);
    if (count) count.value += by;
    else this.#counts.set(key, { labels, value: by });
  }

  text(name: string, help: string): string {
    return family(name, 'counter', help, [...this.#counts.values()]);
  }
}

/** How long things took, by labels. Bounds are in seconds, upwards. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, { labels: Labels; below: number[]; count: number; sum: number }>();

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
  }

  observe(labels: Labels, seconds: number): void {
    const key = JSON.stringify(labels);
    const series = this.#series.get(key) ?? { labels, below: this.#bounds.map(() => 0), count: 0, sum: 0 };
    this.#series.set(key, series);
    series.below = series.below.map((count, i) => (seconds <= (this.#bounds[i] ?? 0) ? count + 1 : count));
    series.count += 1;
    series.sum += seconds;
  }

  text(name: string, help: string): string {
    const lines = [...this.#series.values()].flatMap(({ labels, below, count, sum }) => [
      ...below.map((value, i) => line(`${name}_bucket`, { ...labels, le: String(this.#bounds[i]) }, value)),
      line(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
      line(`${name}_sum`, labels, sum),
      line(`${name}_count`, labels, count),
    ]);
    return [...head(name, 'histogram', help), ...lines].join('\n');
  }
}

function head(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

/** Labels are words of the program's own, without quotes, backslashes or line feeds. */
function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}
