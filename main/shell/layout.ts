import { join } from 'node:path';

export interface Surroundings {
  /** The application's own folder or archive. */
  readonly application: string;
  /** `process.resourcesPath`. */
  readonly resources: string;
  readonly isPackaged: boolean;
  /** `process.arch`. */
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Layout {
  /** The Node 24 that the terminal ships. */
  readonly node: string;
  readonly service: string;
  readonly renderer: string;
}

/** Where the parts lie. In a package Node's side lies beside the archive, which only Electron can look into. */
export function layout({ application, resources, isPackaged, arch, env }: Surroundings): Layout {
  const outside = isPackaged ? join(resources, 'terminal') : application;
  const node = isPackaged
    ? join(outside, 'bin', 'node')
    : env['YICHUANG_NODE'] || join(outside, 'node_modules', `node-linux-${arch}`, 'bin', 'node');
  return {
    node,
    service: join(outside, 'out', 'service', 'main.mjs'),
    renderer: join(application, 'out', 'renderer'),
  };
}

/** The service's environment: nothing that would change how its Node runs. */
export function serviceEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(ELECTRON_|CHROME_|NODE_OPTIONS$|NODE_PATH$|NODE_CHANNEL_)/.test(entry[0]),
  );
  return Object.fromEntries(kept);
}
