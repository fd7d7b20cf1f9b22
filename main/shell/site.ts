import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { isOurs, securityHeaders } from './policy.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.bin': 'application/octet-stream',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.wav': 'audio/wav',
};

const NONCE = '__CSP_NONCE__';
const MISSING = '暂停服务 · Out of service: the screens are not installed.\n';

/** A request as far as the site looks at it. */
export interface Asked {
  readonly url: string;
  readonly method: string;
}

/**
 * The built screens. The files are listed once, at the start, and a request is looked up in that list by its exact path: no
 * path is ever made from a request.
 */
export class Site {
  readonly #files: ReadonlyMap<string, string>;
  readonly #nonce: () => string;

  private constructor(files: ReadonlyMap<string, string>, nonce: () => string) {
    this.#files = files;
    this.#nonce = nonce;
  }

  /** @param nonce makes an unguessable word, one for each load of the page. */
  static async open(folder: string, nonce: () => string): Promise<Site> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = new Map<string, string>();
    for (const entry of entries) {
      if (!entry.isFile() || !(extname(entry.name) in TYPES)) continue;
      const path = join(entry.parentPath, entry.name);
      files.set(path.slice(join(folder, '/').length - 1).replaceAll('\\', '/'), path);
    }
    return new Site(files, nonce);
  }

  /** Answers 200 with the file, 405 to anything but reading, 404 to everything unknown. */
  async answer({ url, method }: Asked): Promise<Response> {
    const nonce = this.#nonce();
    const headers = securityHeaders(nonce);
    if (method !== 'GET' && method !== 'HEAD') return new Response(null, { status: 405, headers });
    const asked = isOurs(url) ? new URL(url).pathname : null;
    const path = asked === null ? undefined : this.#files.get(asked);
    const content = path === undefined ? null : await readFile(path).catch(() => null);
    if (path === undefined || content === null) {
      const plain = { ...headers, 'Content-Type': 'text/plain; charset=utf-8' };
      return new Response(asked === '/index.html' ? MISSING : null, { status: 404, headers: plain });
    }
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    const body = type.startsWith('text/html') ? content.toString('utf8').replaceAll(NONCE, nonce) : content;
    return new Response(method === 'HEAD' ? null : body, { headers: { ...headers, 'Content-Type': type } });
  }
}
