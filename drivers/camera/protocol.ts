/** A camera as the Linux kernel shows it: Video4Linux 2 and its class in sysfs. Not checked on a physical camera. */

/** The name of a video device's file in the folder of device files; what else V4L2 makes there (radio, vbi) takes no pictures. */
export const NODE = /^video\d+$/;

/** Below `/sys`: a folder for each video device, named as its file. */
export const CLASS = 'class/video4linux';

/** Files in such a folder. */
export const ATTRIBUTES = {
  /** What the maker calls the camera; two of one model have the same. */
  name: 'name',
  /** Counts the files of one camera from 0. */
  index: 'index',
  /** A link to the part of the camera that the file stands for; the files of one camera have it in common. */
  device: 'device',
} as const;

/** A UVC camera gives pictures at the first of its files; the others carry metadata. */
export const CAPTURE_INDEX = 0;

/** Below `/dev`: links of udev to the files, one folder by maker, model and serial number, the other by the socket. */
export const LINKS = { byId: 'v4l/by-id', byPath: 'v4l/by-path' } as const;

/** How such a link ends; the number is the file's {@link ATTRIBUTES.index}. */
export const LINK_END = /-video-index\d+$/;

/** Debian's own rule, for a system that has it not. */
export const UDEV_RULE = 'SUBSYSTEM=="video4linux", GROUP="video", MODE="0660"';

/** Milliseconds. */
export const TIMING = {
  /** The kernel tells of a camera that goes; it is looked at after this time in case that was missed. */
  lookMs: 30_000,
  /** A camera that stays for so long has a cable that holds. */
  steadyMs: 10_000,
} as const;
