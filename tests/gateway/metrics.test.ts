import { describe, expect, test } from 'vitest';
import { ADMISSION, Admission } from '#gateway/http/admission.ts';
import { Counter, Histogram } from '#gateway/metrics/exposition.ts';
import { Metrics } from '#gateway/metrics/metrics.ts';
import { StoreBusy } from '#gateway/store/busy.ts';
import { BEAT, Journal } from './client.ts';
import { Writer } from './sealing.ts';
import { startGateway } from './stand.ts';
import { stores } from './stores.ts';

test('a histogram counts cumulatively, and counters by their labels', () => {
  const histogram = new Histogram([0.1, 1]);
  for (const seconds of [0.05, 0.1, 0.5, 7]) histogram.observe({ route: '/a' }, seconds);
  expect(histogram.text('x_seconds', 'Time.')).toBe(
    [
      '# HELP x_seconds Time.',
      '# TYPE x_seconds histogram',
      'x_seconds_bucket{route="/a",le="0.1"} 2',
      'x_seconds_bucket{route="/a",le="1"} 3',
      'x_seconds_bucket{route="/a",le="+Inf"} 4',
      'x_seconds_sum{route="/a"} 7.65',
      'x_seconds_count{route="/a"} 4',
    ].join('\n'),
  );
  const counter = new Counter();
  counter.add({ a: '1' });
  counter.add({ a: '2' }, 3);
  counter.add({ a: '1' });
  const lines = counter.text('x_total', 'Things.').split('\n');
  expect(lines).toEqual(['# HELP x_total Things.', '# TYPE x_total counter', 'x_total{a="1"} 2', 'x_total{a="2"} 3']);
});

describe.each(stores)('on $name', ({ makeStore }) => {
  test('tells what was done and what waits, names nobody, and goes on when the store is away', async () => {
    const metrics = new Metrics();
    const admission = new Admission(ADMISSION);
    const gateway = await startGateway(makeStore, { metrics, admission });
    const terminal = await gateway.newTerminal();
    const gone = await gateway.newTerminal();
    await gateway.store.revoke(gone.identity.terminalId);
    const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
    const [one, two, three] = [1, 2, 3].map(() => writer.plain('help', { why: 'called' }));
    await terminal.send([one ?? {}, { ...two, body: 'AAAA' }]);
    await terminal.send([one ?? {}, three ?? {}]);
    await terminal.heartbeat(BEAT);
    await gone.heartbeat(BEAT);
    await fetch(`${gateway.url}/v1/somebody?name=Zhang`);
    const told = (store: Pick<typeof gateway.store, 'figures'> = gateway.store) =>
      metrics.text({ admission, store, intakeState: () => 'running', now: gateway.clock.now, silentMs: 180_000 });
    const text = await told();
    for (const line of [
      'yichuang_gateway_requests_total{route="/v1/terminals/self/batches",status="200"} 2',
      'yichuang_gateway_requests_total{route="/v1/terminals/self/heartbeat",status="403"} 1',
      'yichuang_gateway_requests_total{route="none",status="404"} 1',
      'yichuang_gateway_request_duration_seconds_count{route="/v1/terminals/self/batches"} 2',
      'yichuang_gateway_entries_total{result="stored",code=""} 2',
      'yichuang_gateway_entries_total{result="duplicate",code=""} 1',
      'yichuang_gateway_entries_total{result="quarantined",code="body-hash"} 1',
      'yichuang_gateway_requests_in_hand{lane="batches"} 0',
      'yichuang_gateway_intake_running 1',
      'yichuang_gateway_store_up 1',
      'yichuang_gateway_intake_lag_entries 3',
      'yichuang_gateway_quarantined_entries 1',
      'yichuang_gateway_terminals{state="active"} 1',
      'yichuang_gateway_terminals{state="silent"} 0',
      'yichuang_gateway_terminals{state="revoked"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    const form = /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9.e+-]+)$/;
    for (const line of text.trimEnd().split('\n')) expect(line).toMatch(form);
    expect(text).not.toContain(terminal.identity.terminalId);
    expect(text).not.toMatch(/somebody|Zhang|127\.0\.0\.1/);

    gateway.clock.offsetMs = 200_000;
    expect(await told()).toContain('terminals{state="silent"} 1\n');
    await gateway.drain();
    expect(await told()).toContain('intake_lag_entries 0\n');
    const away = await told({ figures: async () => Promise.reject(new StoreBusy('ECONNREFUSED')) });
    expect(away).toContain('store_up 0\n');
    expect(away).not.toContain('intake_lag');
    expect(away).toContain('process_cpu_seconds_total');
  });
});
