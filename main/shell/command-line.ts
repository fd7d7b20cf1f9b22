/** Switches that let a stranger look into or steer the process; fuses do not stop the Chromium ones. */
const DEBUGGING =
  /^--?(inspect(-.*)?|debug(-.*)?|remote-debugging-.*|remote-allow-origins|js-flags|load-extension|disable-web-security|log-net-log|ssl-key-log-file)(=.*)?$/;

/** @returns those arguments that a terminal in service refuses to start with. */
export function debuggingSwitches(argv: readonly string[]): string[] {
  return argv.filter((argument) => DEBUGGING.test(argument));
}

/** The configuration file: `--config FILE`, `--config=FILE` or the environment's `YICHUANG_CONFIG`. */
export function configurationFile(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const at = argv.findIndex((argument) => argument === '--config' || argument.startsWith('--config='));
  const given = argv[at] === '--config' ? argv[at + 1] : argv[at]?.slice('--config='.length);
  return given || env['YICHUANG_CONFIG'] || null;
}
