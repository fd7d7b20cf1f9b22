import { execFile } from 'node:child_process';
import { mkdir, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../children.ts';

/** A UVC camera as it is plugged in: two files of the kernel, the first for pictures and the next for metadata. */
export interface SimulatedCamera {
  readonly name: string;
  /** The number of its first file. */
  readonly number: number;
  /** The USB socket, such as `1-1`. */
  readonly socket: string;
  /** Maker, model and serial number as udev writes them into a link; two of one model without serial numbers have the same. */
  readonly id: string;
}

/** Folders in which cameras come and go as in `/dev` and `/sys`; a pipe stands for a device file. */
export interface Cameras {
  readonly dev: string;
  readonly sys: string;
  /** The file for pictures (0) or for metadata (1). */
  file(camera: SimulatedCamera, index?: 0 | 1): string;
  /** The link that udev makes to it. */
  link(camera: SimulatedCamera, index?: 0 | 1): string;
  /** In the order of a kernel: its description, its files, then udev's links. */
  plug(camera: SimulatedCamera): Promise<void>;
  /** The files go first, the links last. */
  unplug(camera: SimulatedCamera): Promise<void>;
}

const INDEXES = [0, 1] as const;

export async function simulateCameras(folder: string): Promise<Cameras> {
  const dev = join(folder, 'dev');
  const sys = join(folder, 'sys');
  const classes = join(sys, 'class', 'video4linux');
  await mkdir(dev, { recursive: true });
  await mkdir(classes, { recursive: true });

  const nodeOf = ({ number }: SimulatedCamera, index: number) => `video${number + index}`;
  const folderOf = ({ socket }: SimulatedCamera) => join(sys, 'devices', 'usb1', socket, `${socket}:1.0`);
  const links = ({ id, socket }: SimulatedCamera, index: number) => [
    join(dev, 'v4l', 'by-id', `usb-${id}-video-index${index}`),
    join(dev, 'v4l', 'by-path', `pci-0000:00:14.0-usb-0:${socket.slice(2)}:1.0-video-index${index}`),
  ];

  return {
    dev,
    sys,
    file: (camera, index = 0) => join(dev, nodeOf(camera, index)),
    link: (camera, index = 0) => links(camera, index)[0] ?? '',
    async plug(camera) {
      for (const index of INDEXES) {
        const node = nodeOf(camera, index);
        const described = join(folderOf(camera), 'video4linux', node);
        await mkdir(described, { recursive: true });
        await writeFile(join(described, 'name'), `${camera.name}\n`);
        await writeFile(join(described, 'index'), `${index}\n`);
        await symlink(`../../../${camera.socket}:1.0`, join(described, 'device'));
        await symlink(relative(classes, described), join(classes, node));
        await promisify(execFile)(findProgram('mkfifo'), [join(dev, node)]);
      }
      for (const index of INDEXES) {
        for (const link of links(camera, index)) {
          await mkdir(dirname(link), { recursive: true });
          // Of two cameras with one link udev keeps one.
          await rm(link, { force: true });
          await symlink(`../../${nodeOf(camera, index)}`, link);
        }
      }
    },
    async unplug(camera) {
      for (const index of INDEXES) {
        await rm(join(dev, nodeOf(camera, index)));
        await rm(join(classes, nodeOf(camera, index)));
      }
      await rm(folderOf(camera), { recursive: true });
      for (const link of INDEXES.flatMap((index) => links(camera, index))) {
        await rm(link);
        // udev leaves no empty folder.
        await rmdir(dirname(link)).catch(() => undefined);
      }
      await rmdir(join(dev, 'v4l')).catch(() => undefined);
    },
  };
}
