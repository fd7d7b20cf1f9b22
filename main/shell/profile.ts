import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Makes a folder for this user alone; `false` where that can't be. */
function isOurs(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(folder);
    return uid === userInfo().uid && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}

/**
 * Chromium's own folder, below the configured one (`/run/yichuang`). Where that can't be had, always the same other one, because
 * the window has to open all the same, and a second terminal has to notice the first one there too.
 */
export function makeProfile(run: string | null): string {
  const configured = run === null ? null : join(run, 'screen');
  if (configured !== null && isOurs(configured)) return configured;
  const other = join(tmpdir(), `yichuang-screen-${userInfo().uid}`);
  if (!isOurs(other)) throw new Error(`${other} belongs to somebody else: remove it`);
  return other;
}
