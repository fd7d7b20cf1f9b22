import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endProgram, startProgram } from '../children.ts';

const CONFIGURATION = (
  socket: string,
) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
  "busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_requested_reply="true"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
`;

/** A message bus of one's own. */
export interface Bus {
  /** For `DBUS_SYSTEM_BUS_ADDRESS`. */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** Starts a D-Bus daemon whose socket and configuration lie in `folder`; needs no rights and no init system. */
export async function startBus(folder: string): Promise<Bus> {
  const file = join(folder, 'bus.conf');
  const socket = join(folder, 'bus');
  await writeFile(file, CONFIGURATION(socket));
  const args = [`--config-file=${file}`, '--nofork', '--nopidfile', '--nosyslog', '--print-address'];
  const child = await startProgram('dbus-daemon', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', () => reject(new Error(`dbus-daemon ended: ${said}`)));
  });
  return { address: `unix:path=${socket}`, close: () => endProgram(child) };
}
