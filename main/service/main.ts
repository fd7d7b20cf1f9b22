/**
 * The service's entry: `--config FILE`. It meets its screen over the stream that the shell gave it (`--screen-descriptor N`), over the
 * socket that systemd opened for it, or has none. `--release FOLDER --release-key FILE` has it check what it is made of, before
 * anything else of it is loaded.
 */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import type { ToService } from '#contract/calls.ts';
import type { OutOfService, TerminalSnapshot } from '#contract/terminal.ts';
import { listeningDescriptor, Systemd } from '../common/systemd.ts';
import { readConfiguration } from './configuration/configuration.ts';
import { forComponent, openLog } from './log/log.ts';
import { verifyRelease } from './release/release.ts';
import { ScreenFeed } from './screen-feed.ts';
import { ScreenLine, type ScreenWay } from './screen-line.ts';
import type { Terminal, TerminalOptions } from './terminal.ts';
import { systemClock, systemTimers } from './time/clock.ts';
import { systemRandom } from './time/random.ts';
import { notTaken, readCall, TAKEN } from './visit/calls.ts';

const ALIVE_MS = 1_000;
/** Milliseconds until it is tried again to open a terminal that did not open. */
const AGAIN_MS = 30_000;

const { values } = parseArgs({
  options: {
    config: { type: 'string' },
    'screen-descriptor': { type: 'string' },
    release: { type: 'string' },
    'release-key': { type: 'string' },
  },
});
const systemd = new Systemd(process.env);
const clock = systemClock();
const timers = systemTimers();

let terminal: Terminal | null = null;
let closed: OutOfService = { why: 'starting', detail: '' };
/** Where residents can turn to meanwhile, as soon as it is known. */
let community: TerminalSnapshot['community'] = null;
let stopping = false;
let opening: Promise<void> = Promise.resolve();
let cancelAgain: () => void = () => undefined;

function wayToScreen(): ScreenWay {
  const given = values['screen-descriptor'];
  if (given !== undefined) return { by: 'descriptor', descriptor: Number(given) };
  const descriptor = listeningDescriptor(process.env, process.pid);
  return descriptor === null ? { by: 'none' } : { by: 'socket', descriptor };
}

/** Nobody can be served, and the screen says why; the process stays, so that the reason stays. */
function outOfService(reason: OutOfService): void {
  closed = reason;
  process.stderr.write(`out of service: ${reason.why}: ${reason.detail}\n`);
  systemd.status(`out of service: ${reason.why}: ${reason.detail}`);
  tellClosed();
}

function tellClosed(): void {
  feed.push({
    event: 'terminal',
    terminal: { health: { is: 'out-of-service', ...closed }, community, network: 'offline', unsynced: 0, alerts: [] },
  });
}

function call(name: string, input: unknown): ReturnType<Terminal['call']> {
  if (name === 'screen.ready') feed.renew();
  if (terminal) return terminal.call(name, input);
  const event = readCall(name, input);
  if (!event.ok) return notTaken(event.error);
  if (event.value.type !== 'screen.ready') return notTaken('out-of-service');
  tellClosed();
  return TAKEN;
}

function take(message: ToService): void {
  if (message.type === 'stop') void stop();
  else line.send({ type: 'answer', id: message.id, answer: call(message.name, message.input) });
}

const feed = new ScreenFeed((event) => line.send({ type: 'event', event }));
const line = new ScreenLine({ way: wayToScreen(), onMessage: take, onGone: () => void stop() });
const alive = setInterval(() => line.send({ type: 'alive' }), ALIVE_MS);
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());

let closeLog: () => Promise<void> = async () => undefined;

/** Why this release is not to be run, in words for staff. */
async function changedRelease(): Promise<string | null> {
  const { release, 'release-key': key } = values;
  if (release === undefined || key === undefined) return null;
  const verified = await verifyRelease(release, key);
  return verified.ok ? null : verified.error.detail;
}

async function start(): Promise<void> {
  const changed = await changedRelease();
  if (changed !== null) return outOfService({ why: 'release', detail: changed });
  const configuration = readConfiguration(values.config ?? 'terminal.yaml');
  if (!configuration.ok) return outOfService({ why: 'configuration', detail: configuration.error.detail });
  const { estates: _, ...place } = configuration.value.community;
  community = place;
  const opened = await openLog(configuration.value.folders.log);
  closeLog = opened.close;
  const log = forComponent(opened.log, 'service');
  const { openDevices } = await import('./devices/devices.ts');
  await open({
    configuration: configuration.value,
    openDevices,
    clock,
    timers,
    random: systemRandom(clock),
    log: opened.log,
    screen: (event) => feed.push(event),
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
  const parts = await import('./terminal.ts');
  const result = await parts.Terminal.open(options);
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
  systemd.status('in service');
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
  systemd.stopping();
  clearInterval(alive);
  await started;
  cancelAgain();
  await opening;
  await terminal?.stop();
  await closeLog();
  feed.flush();
  line.close();
  process.exit(0);
}

const started = start();
await started;
systemd.ready();
