import { opendir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CameraSystem } from './port.ts';
import { ATTRIBUTES, CAPTURE_INDEX, CLASS, LINKS, NODE } from './protocol.ts';

/** A video device as the kernel describes it. */
export interface VideoNode {
  /** The name of its file, such as `video0`. */
  readonly node: string;
  /** The camera's name; two of one model have the same. */
  readonly name: string;
  /** Whether pictures come out of this file. */
  readonly captures: boolean;
  /** The camera's part that it belongs to; its files have this in common. */
  readonly part: string;
}

/** @returns undefined when the kernel knows no such video device, or none any more. */
export async function nodeAt(node: string, sys: string): Promise<VideoNode | undefined> {
  const folder = join(sys, CLASS, node);
  try {
    const [name, index, part] = await Promise.all([
      readFile(join(folder, ATTRIBUTES.name), 'utf8'),
      readFile(join(folder, ATTRIBUTES.index), 'utf8'),
      readlink(join(folder, ATTRIBUTES.device)),
    ]);
    return { node, name: name.trim(), captures: index.trim() === String(CAPTURE_INDEX), part: basename(part) };
  } catch {
    return undefined;
  }
}

/** The node that gives the pictures of the camera which another of its nodes was named for. */
export async function captureNodeOf(other: VideoNode, sys: string): Promise<VideoNode | undefined> {
  const all = await videoNodes(sys);
  return all.find(({ captures, part }) => captures && part === other.part);
}

/** A camera that is plugged in, and the connection to write into `terminal.yaml` for it. */
export interface FoundCamera {
  readonly connection: string;
  readonly name: string;
}

/**
 * Every camera, by a link that finds it again behind another number: by its model and serial number, so that it may be plugged in
 * anywhere, but where two have one name by their sockets, so that they never change places. Where udev makes no links, by its file.
 */
export async function listCameras({ dev, sys }: CameraSystem): Promise<FoundCamera[]> {
  const [nodes, byId, byPath] = await Promise.all([
    videoNodes(sys),
    linksIn(join(dev, LINKS.byId)),
    linksIn(join(dev, LINKS.byPath)),
  ]);
  const cameras = nodes.filter(({ captures }) => captures);
  return cameras.map(({ node, name }) => {
    const alike = cameras.filter((camera) => camera.name === name).length > 1;
    const link = (alike ? byPath : byId).get(node) ?? byPath.get(node);
    return { connection: `video:${link ?? join(dev, node)}`, name };
  });
}

async function videoNodes(sys: string): Promise<VideoNode[]> {
  const names = (await filesIn(join(sys, CLASS))).filter((name) => NODE.test(name));
  const sorted = names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const nodes = await Promise.all(sorted.map((node) => nodeAt(node, sys)));
  return nodes.filter((node) => node !== undefined);
}

/** Links by the node that each leads to; of two links to one node the first in the alphabet. */
async function linksIn(folder: string): Promise<Map<string, string>> {
  const paths = (await filesIn(folder)).toSorted().map((name) => join(folder, name));
  const links = await Promise.all(
    paths.map(async (path) => [basename(await readlink(path).catch(() => '')), path] as const),
  );
  return new Map(links.toReversed());
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const names: string[] = [];
    for await (const { name } of await opendir(folder)) names.push(name);
    return names;
  } catch {
    return [];
  }
}
