import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { err, ok, type Result } from '#contract/result.ts';
import type { Trouble } from '../common/life.ts';
import { captureNodeOf, nodeAt, type VideoNode } from './nodes.ts';
import type { CameraSystem } from './port.ts';
import { LINK_END, NODE, UDEV_RULE } from './protocol.ts';

/**
 * Looks whether a camera is there: a video device behind the path, of which the kernel says that it gives pictures, and that may be
 * opened. Only such a device is opened, and closed again at once; that does not disturb whoever takes pictures with it.
 */
export async function lookAt(path: string, system: CameraSystem): Promise<Result<VideoNode, Trouble>> {
  const { dev, sys } = system;
  const file = await fileBehind(path, dev);
  if (!file.ok) return file;
  const found = await nodeAt(file.value, sys);
  if (found && !found.captures) return err(await metadata(path, found, system));
  const opened = await tryOpen(path, join(dev, file.value));
  if (!opened.ok) return opened;
  return found ? ok(found) : err(noCamera(path));
}

/** What keeps the file from being opened, by the system's code. */
export function cameraTrouble(path: string, detail: string): Trouble {
  switch (detail) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return { why: 'port-missing', remedy: `plug in the cable of the camera ${path}`, detail };
    case 'EACCES': {
      const who = 'the users of the service and of the screen';
      const remedy = `let ${who} open ${path}: add both to the group video, or a udev rule ${UDEV_RULE}`;
      return { why: 'port-denied', remedy, detail };
    }
    case 'EPERM': {
      // What systemd keeps from a unit, whatever the file's rights are; it knows a kind of device from the start of the unit on.
      const remedy = `let the unit open ${path}: write DeviceAllow=char-video4linux rw, load the module videodev before it, and restart it`;
      return { why: 'port-denied', remedy, detail };
    }
    case 'EBUSY':
      return { why: 'port-busy', remedy: `end the other program that holds ${path}`, detail };
    case 'EISDIR':
      return noCamera(path);
    default:
      return { why: 'port-failed', remedy: `check the cable and the name of ${path}`, detail };
  }
}

/** The name of the device file that the path leads to. */
async function fileBehind(path: string, dev: string): Promise<Result<string, Trouble>> {
  const isNode = (file: string) => dirname(file) === dev && NODE.test(basename(file));
  if (isNode(path)) return ok(basename(path));
  try {
    const real = await realpath(path);
    return isNode(real) ? ok(basename(real)) : err(noCamera(path));
  } catch (error) {
    return err(cameraTrouble(path, codeOf(error)));
  }
}

async function tryOpen(path: string, file: string): Promise<Result<undefined, Trouble>> {
  try {
    const opened = await open(file, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      // While no camera is there its name may stand for a file that somebody wrote.
      return (await opened.stat()).isFile() ? err(noCamera(path)) : ok();
    } finally {
      await opened.close();
    }
  } catch (error) {
    return err(cameraTrouble(path, codeOf(error)));
  }
}

async function metadata(path: string, named: VideoNode, { dev, sys }: CameraSystem): Promise<Trouble> {
  const capture = await captureNodeOf(named, sys);
  if (!capture) return { why: 'no-pictures', remedy: remedyOf(`${path} gives no pictures`), detail: named.name };
  const right = LINK_END.test(path) ? path.replace(LINK_END, '-video-index0') : join(dev, capture.node);
  const remedy = `write video:${right} instead of video:${path}, which carries the camera's metadata and no pictures`;
  return { why: 'no-pictures', remedy, detail: named.name };
}

function noCamera(path: string): Trouble {
  return { why: 'no-camera', remedy: remedyOf(`${path} is no camera`) };
}

function remedyOf(what: string): string {
  return `${what}: write a connection that \`yichuang device list\` shows for one`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'failed';
}
