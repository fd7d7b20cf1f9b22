/** What a terminal in service may be started with: its own two, and what a vendor needs to make a screen work. */
const ALLOWED = new Set([
  'config',
  'service',
  'disable-gpu',
  'ignore-gpu-blocklist',
  'ozone-platform',
  'ozone-platform-hint',
  'touch-devices',
  'touch-events',
  'use-angle',
  'use-gl',
]);

/** Those whose value may stand as an argument of its own. */
const WITH_VALUE = new Set(['--config', '--service']);

/**
 * Arguments that a terminal in service refuses to start with. An allow-list, because Chromium and Node know hundreds of switches that
 * let a stranger look into or steer the process, and fuses stop few of them.
 * @param args without the program
 */
export function refusedArguments(args: readonly string[]): string[] {
  return args.filter((argument, at) => {
    if (WITH_VALUE.has(args[at - 1] ?? '')) return false;
    const name = /^--([a-z-]+)(=.*)?$/.exec(argument)?.[1];
    return name === undefined || !ALLOWED.has(name);
  });
}

/** The value of `--NAME VALUE` or `--NAME=VALUE`, `null` without one. */
function valueOf(name: string, args: readonly string[]): string | null {
  const at = args.findIndex((argument) => argument === `--${name}` || argument.startsWith(`--${name}=`));
  const given = args[at] === `--${name}` ? args[at + 1] : args[at]?.slice(`--${name}=`.length);
  return given || null;
}

/** The configuration file: `--config FILE`, `--config=FILE` or the environment's `YICHUANG_CONFIG`. */
export function configurationFile(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  return valueOf('config', argv) ?? env['YICHUANG_CONFIG'] ?? null;
}

/** The socket of a service that runs already (`--service SOCKET`); without one the shell starts its own. */
export function serviceSocket(argv: readonly string[]): string | null {
  return valueOf('service', argv);
}
