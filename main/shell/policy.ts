/** Where the page lives. */
export const SCHEME = 'app';
const ORIGIN = 'app://terminal';
export const PAGE = `${ORIGIN}/index.html`;

/** Scripts, styles and everything else come from the terminal itself; nothing is written into the page as code. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    // The photograph of a card, which comes with the visit and stands in no file.
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // Admits the keyboard's workers and nothing else (renderer/input/worker.ts).
    'trusted-types yichuang-worker',
  ].join('; ');
}

/** Headers of every answer; `nonce` belongs to one load of the page. */
export function securityHeaders(nonce: string): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(nonce),
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'Permissions-Policy': 'camera=(self), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
    'Cache-Control': 'no-store',
  };
}

function parse(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null;
}

/** `true` for addresses that the shell itself answers; everything else leaves the terminal and is refused. */
export function isOurs(address: string): boolean {
  const url = parse(address);
  return url?.protocol === `${SCHEME}:` && url.host === 'terminal' && url.username === '' && url.password === '';
}

/** Where a message to the shell came from. */
export interface Sender {
  /** The address of the sending frame; `null` when the frame is gone. */
  readonly frame: string | null;
  readonly isMainFrame: boolean;
  /** Whether it is the page on the screen now, and not one that was replaced. */
  readonly isOnScreen: boolean;
}

/** Only the page on the screen may speak to the shell. */
export function maySpeak(sender: Sender): boolean {
  return sender.isOnScreen && sender.isMainFrame && sender.frame !== null && isOurs(sender.frame);
}

export interface PermissionRequest {
  readonly permission: string;
  readonly origin: string;
  readonly media: readonly string[];
}

/** The camera, for materials, and nothing else. */
export function mayUse({ permission, origin, media }: PermissionRequest): boolean {
  return permission === 'media' && isOurs(origin) && media.length > 0 && media.every((kind) => kind === 'video');
}
