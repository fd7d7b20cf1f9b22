import { app, clipboard, Menu, type Session, type WebContents } from 'electron';
import { isOurs, mayUse } from './policy.ts';
import { isForResidents } from './shortcuts.ts';

/** Cuts Chromium off from networks, disks and services of its own; before the application is ready. */
export function quietenChromium(): void {
  Menu.setApplicationMenu(null);
  const switches = [
    ['disable-background-networking'],
    ['disable-breakpad'],
    ['disable-component-update'],
    ['disable-domain-reliability'],
    ['disable-gpu-shader-disk-cache'],
    ['disable-pinch'],
    ['no-pings'],
    ['force-device-scale-factor', '1'],
    ['host-resolver-rules', 'MAP * ~NOTFOUND'],
    ['overscroll-history-navigation', '0'],
  ] as const;
  for (const [name, value] of switches) app.commandLine.appendSwitch(name, value);
}

/** Refuses everything that a session could do besides showing our own files and, for materials, the camera. */
export function lockSession(session: Session): void {
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isOurs(url) }));
  session.setCertificateVerifyProc((_request, answer) => answer(-2));
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const media = 'mediaTypes' in details ? (details.mediaTypes ?? []) : [];
    answer(details.isMainFrame && mayUse({ permission, origin: details.requestingUrl, media }));
  });
  session.setPermissionCheckHandler((_contents, permission, origin, details) =>
    mayUse({ permission, origin, media: details.mediaType === undefined ? [] : [details.mediaType] }),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.on('will-download', (event) => event.preventDefault());
  session.setSpellCheckerEnabled(false);
}

/** Refuses every way out of the page, for whatever contents there are. */
export function lockContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('before-input-event', (event, press) => {
    if (!isForResidents(press)) event.preventDefault();
  });
  contents.on('devtools-opened', () => contents.closeDevTools());
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}

/** Forgets what a page may have left outside its own memory. */
export async function forget(session: Session): Promise<void> {
  clipboard.clear();
  await Promise.all([session.clearStorageData(), session.clearCache(), session.clearAuthCache()]);
}
