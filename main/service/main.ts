/** The service's entry: `--config FILE`, forked by the shell with a message channel, or alone. */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { type FromService, type ScreenEvent, ToService } from '#contract/calls.ts';
import type { OutOfService, TerminalSnapshot } from '#contract/terminal.ts';
import { readConfiguration } from './configuration/configuration.ts';
import { openDevices } from './devices/devices.ts';
import { forComponent, openLog } from './log/log.ts';
import { Terminal, type TerminalOptions } from './terminal.ts';
import { systemClock, systemTimers } from './time/clock.ts';
import { systemRandom } from './time/random.ts';
import { notTaken, readCall, TAKEN } from './visit/calls.ts';

const ALIVE_MS = 1_000;
/** Milliseconds until it is tried again to open a terminal that did not open. */
const AGAIN_MS = 30_000;

const { values } = parseArgs({ options: { config: { type: 'string' } } });
const clock = systemClock();
const timers = systemTimers();

let terminal: Terminal | null = null;
let closed: OutOfService = { why: 'starting', detail: '' };
/** Where residents can turn to meanwhile, as soon as it is known. */
let community: TerminalSnapshot['community'] = null;
let stopping = false;
let opening: Promise<void> = Promise.resolve();
let cancelAgain: () => void = () => undefined;

function send(message: FromService): void {
  if (process.connected) process.send?.(message, () => undefined);
}

function screen(event: ScreenEvent): void {
  send({ type: 'event', event });
}

/** Nobody can be served, and the screen says why; the process stays, so that the reason stays. */
function outOfService(reason: OutOfService): void {
  closed = reason;
  process.stderr.write(`out of service: ${reason.why}: ${reason.detail}\n`);
  tellClosed();
}

function tellClosed(): void {
  screen({
    event: 'terminal',
    terminal: { outOfService: closed, community, network: 'offline', unsynced: 0, devices: null },
  });
}

function call(name: string, input: unknown): ReturnType<Terminal['call']> {
  if (terminal) return terminal.call(name, input);
  const event = readCall(name, input);
  if (!event.ok) return notTaken(event.error);
  if (event.value.type !== 'screen.ready') return notTaken('out-of-service');
  tellClosed();
  return TAKEN;
}

process.on('message', (raw) => {
  const message = ToService.safeParse(raw);
  if (!message.success) return;
  if (message.data.type === 'stop') void stop();
  else send({ type: 'answer', id: message.data.id, answer: call(message.data.name, message.data.input) });
});
const alive = setInterval(() => send({ type: 'alive' }), ALIVE_MS);
process.once('disconnect', () => void stop());
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());

let closeLog: () => Promise<void> = async () => undefined;

async function start(): Promise<void> {
  const configuration = readConfiguration(values.config ?? 'terminal.yaml');
  if (!configuration.ok) return outOfService({ why: 'configuration', detail: configuration.error.detail });
  const { estates: _, ...place } = configuration.value.community;
  community = place;
  const opened = await openLog(configuration.value.folders.log);
  closeLog = opened.close;
  const log = forComponent(opened.log, 'service');
  await open({
    configuration: configuration.value,
    openDevices,
    clock,
    timers,
    random: systemRandom(clock),
    log: opened.log,
    screen,
    failed(error) {
      log.fatal({ event: 'service.failed', error: error instanceof Error ? error.name : 'unknown' });
      // Out of every handler, so that the process ends and is started anew clean.
      setImmediate(() => {
        throw error;
      });
    },
  });
}

/** Opens the terminal; what may pass is tried again, so that made room or an enrolment brings it back without a restart. */
async function open(options: TerminalOptions): Promise<void> {
  const log = forComponent(options.log, 'service');
  const result = await Terminal.open(options);
  if (!result.ok) {
    const { mayPass, ...reason } = result.error;
    if (!isDeepStrictEqual(reason, closed)) {
      log.error({ event: 'service.out-of-service', ...reason });
      outOfService(reason);
    }
    if (mayPass && !stopping) cancelAgain = openLater(options);
    return;
  }
  terminal = result.value;
  log.info({ event: 'service.started' });
  // A page that asked before has heard nothing of a visit.
  terminal.call('screen.ready', {});
}

function openLater(options: TerminalOptions): () => void {
  return timers.after(AGAIN_MS, () => {
    opening = open(options);
  });
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  clearInterval(alive);
  await started;
  cancelAgain();
  await opening;
  await terminal?.stop();
  await closeLog();
  if (process.connected) process.disconnect();
  process.exit(0);
}

const started = start();
await started;
