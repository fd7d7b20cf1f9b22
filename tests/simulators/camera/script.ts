import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../children.ts';
import type { SimulatedCamera } from './cameras.ts';

/** A camera that umockdev plays: the program and its arguments in front of the command that shall see it in `/dev` and `/sys`. */
export async function scriptCamera(folder: string, camera: SimulatedCamera): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'device');
  await writeFile(file, deviceFile(camera));
  return [findProgram('umockdev-run'), `--device=${file}`, '--'];
}

function deviceFile({ name, number, socket, id }: SimulatedCamera): string {
  const usb = `/devices/pci0000:00/0000:00:14.0/usb1/${socket}`;
  const files = [0, 1].map((index) => {
    const node = `video${number + index}`;
    return `P: ${usb}/${socket}:1.0/video4linux/${node}
N: ${node}
S: v4l/by-id/usb-${id}-video-index${index}
E: SUBSYSTEM=video4linux
E: DEVNAME=/dev/${node}
A: dev=81:${number + index}
A: index=${index}
A: name=${name}
L: device=../../../${socket}:1.0
`;
  });
  return `P: ${usb}
N: bus/usb/001/002
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb

P: ${usb}/${socket}:1.0
E: DEVTYPE=usb_interface
E: SUBSYSTEM=usb

${files.join('\n')}`;
}
