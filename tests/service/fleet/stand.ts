import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type FleetOptions, simulateFleet } from '#main/service/fleet/fleet.ts';
import type { FleetReport } from '#main/service/fleet/report.ts';
import { GatewayProcess } from '#tests/stand/gateway.ts';

export const CATALOGUE = resolve('image/catalogue');

export interface District {
  readonly gateway: GatewayProcess;
  /** Its store's file. */
  readonly file: string;
}

/** A gateway as a process of its own. */
export async function startDistrict(): Promise<District> {
  const file = join(mkdtempSync(join(tmpdir(), 'yc-fleet-gateway-')), 'gateway.sqlite');
  const gateway = new GatewayProcess(file);
  await gateway.start();
  onTestFinished(() => gateway.stop('SIGKILL'));
  return { gateway, file };
}

/** What a run needs beside a gateway; two terminals of three cases, in a temporary folder of their own. */
export function options(changes: Partial<FleetOptions>): FleetOptions {
  return {
    terminals: 2,
    cases: 3,
    gateway: { url: 'http://127.0.0.1:9', idleSeconds: 0.5 },
    enrolCodes: [],
    catalogue: CATALOGUE,
    temporary: mkdtempSync(join(tmpdir(), 'yc-fleet-')),
    keep: false,
    seed: 7,
    overMs: 0,
    startSpreadMs: 0,
    flap: false,
    limitMs: 200_000,
    patienceMs: 60_000,
    store: null,
    signal: new AbortController().signal,
    ...changes,
  };
}

/** Runs a fleet against a district, with as many codes as it has terminals. */
export async function simulateAt({ gateway }: Pick<District, 'gateway'>, changes: Partial<FleetOptions>) {
  const o = options(changes);
  return simulateFleet({
    ...o,
    enrolCodes: await gateway.enrolCodes(o.terminals),
    gateway: { ...o.gateway, url: gateway.url },
  });
}

/** @throws Error when the run brought no report */
export function reportOf(run: Awaited<ReturnType<typeof simulateFleet>>): FleetReport {
  if (!run.ok) throw new Error(`${run.error.code}: ${run.error.detail}`);
  return run.value;
}

export function expectNothingLeft(folder: string): void {
  expect(readdirSync(folder)).toEqual([]);
}
