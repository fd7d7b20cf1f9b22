import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { app, ipcMain, protocol, session } from 'electron';
import { type FromService, isCallName, type ScreenEvent } from '#contract/calls.ts';
import { unreachable } from '#contract/result.ts';
import { Systemd } from '../common/systemd.ts';
import { CALL, DRAWN } from './channels.ts';
import { configurationFile, refusedArguments, serviceSocket } from './command-line.ts';
import { layout, serviceEnvironment } from './layout.ts';
import { lockContents, lockSession, quietenChromium } from './lockdown.ts';
import { openLog } from './log.ts';
import { ScreenMemory } from './memory.ts';
import { SCHEME } from './policy.ts';
import { makeProfile } from './profile.ts';
import { CallRouter } from './router.ts';
import { Screens } from './screens.ts';
import { meetService, startService } from './service.ts';
import { readSettings } from './settings.ts';
import { Site } from './site.ts';
import { Supervisor } from './supervisor.ts';

/** The Electron that package.json pins, put in by the build. */
declare const PINNED_ELECTRON: string;

function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

const refused = app.isPackaged ? refusedArguments(process.argv.slice(1)) : [];
if (refused.length > 0) refuse(`a terminal in service does not start with ${refused.join(' ')}`);

const given = configurationFile(process.argv, process.env);
const file = given === null ? null : resolve(given);
const settings = readSettings(file, (path) => readFileSync(path, 'utf8'));
const socket = serviceSocket(process.argv);
const profile = makeProfile(settings.folders?.run ?? null);
const log = openLog(settings.folders ? join(settings.folders.log, 'screen') : profile, () => new Date());
const systemd = new Systemd(process.env);
const now = (): number => performance.now();
app.setPath('userData', profile);
quietenChromium();
if (!app.requestSingleInstanceLock()) refuse('the terminal is already running');

process.on('uncaughtException', (error) => {
  log('error', 'shell-failed', { stack: error.stack ?? error.name });
  app.exit(1);
});
process.on('unhandledRejection', (reason) => {
  throw reason;
});

protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);
app.on('child-process-gone', (_event, { type, reason }) => log('warn', 'helper-lost', { type, reason }));
app.on('web-contents-created', (_event, contents) => lockContents(contents));
app.on('certificate-error', (event, _contents, _url, _error, _certificate, answer) => {
  event.preventDefault();
  answer(false);
});
// A page that is being replaced may be the last one for a moment.
app.on('window-all-closed', () => undefined);

async function open(): Promise<void> {
  const parts = layout({
    application: app.getAppPath(),
    isPackaged: app.isPackaged,
    arch: process.arch,
    resources: process.resourcesPath,
    env: process.env,
  });
  const memory = new ScreenMemory(settings.community, settings.problem);
  const router = new CallRouter((message) => supervisor.send(message));
  let screens: Screens | null = null;
  const show = (event: ScreenEvent): void => {
    memory.keep(event);
    screens?.send(event);
    if (event.event === 'wiped') screens?.lay();
  };
  const supervisor: Supervisor = new Supervisor({
    now,
    begin: () =>
      socket === null
        ? startService({
            node: parts.node,
            entry: parts.service,
            args: file === null ? [] : ['--config', file],
            env: serviceEnvironment(process.env),
          })
        : meetService(socket),
    onStarted() {
      // The page asked a service that was not there yet.
      if (screens?.listens) void router.call('screen.ready', {});
    },
    onMessage(message: FromService) {
      switch (message.type) {
        case 'answer':
          router.settle(message.id, message.answer);
          return;
        case 'event':
          show(message.event);
          return;
        case 'alive':
          return;
        default:
          unreachable(message);
      }
    },
    onStopped(detail, retryMs) {
      log('error', 'service-stopped', { detail, retryMs });
      const heldVisit = memory.holdsVisit;
      memory.serviceStopped(detail);
      router.abandon();
      for (const event of memory.replay()) screens?.send(event);
      if (heldVisit) screens?.lay();
    },
    onStrange: (description) => log('error', 'service-strange', { description }),
  });
  // It takes longer than Chromium to get up, and so it goes first.
  supervisor.start();
  const site = await Site.open(parts.renderer, () => randomBytes(18).toString('base64'));
  await app.whenReady();

  const pages = session.fromPartition('screen', { cache: false });
  lockSession(pages);
  pages.protocol.handle(SCHEME, (request) => site.answer(request));
  const laid = new Screens({
    screen: settings.screen,
    developmentRuntime: process.versions['electron'] !== PINNED_ELECTRON,
    session: pages,
    log,
    now,
    onClosed: () => app.quit(),
  });
  screens = laid;

  ipcMain.handle(CALL, (event, name: unknown, input: unknown) => {
    if (!laid.accepts(event)) throw new Error('refused');
    if (isCallName(name) && name === 'screen.ready') {
      laid.ready();
      systemd.ready();
      for (const event of memory.replay()) laid.send(event);
    }
    return router.call(name, input);
  });

  ipcMain.on(DRAWN, (event) => {
    if (laid.accepts(event)) laid.drawn();
  });

  let leaving = false;
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (leaving) return;
    leaving = true;
    systemd.stopping();
    laid.close();
    void supervisor.stop().then(() => app.exit(0));
  });

  log('info', 'opened', { electron: process.versions['electron'] ?? '', problem: settings.problem ?? '' });
  laid.lay();
}

void open();
