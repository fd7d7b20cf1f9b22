/** The Debian packages that the terminal needs to run here, and how they come onto the machine. */
import { run, SetupError } from './setup.mjs';

/** What a terminal itself needs beyond a bare Debian 12; everything else (fontconfig, libdrm, CUPS' library, ...) they depend on. */
export const terminalPackages = [
  // Electron's libraries
  'libgtk-3-0',
  'libnss3',
  'libasound2',
  'libgbm1',
  // the window manager without which a kiosk window stays small
  'openbox',
  // every Chinese character that a name may need
  'fonts-noto-cjk',
  'fonts-hanazono',
  // what node-hid is linked to
  'libusb-1.0-0',
  // reading aloud
  'espeak-ng',
] as const;

/** What development and tests need as well. */
export const debianPackages = [
  ...terminalPackages,
  // a screen without a screen
  'xvfb',
  // the simulated devices: pseudo-terminals, an IPP printer and what it announces itself with
  'socat',
  'cups-ipp-utils',
  'dbus',
  // ID-card readers on HID and on bulk USB
  'umockdev',
  // a print queue before that printer, as most terminals have one; the filters are what a driverless queue prints PDF with
  'cups-daemon',
  'cups-client',
  'cups-filters',
  // tests: a terminal that somebody else wrote from the description of the wire
  'python3-cryptography',
  // tests: reading printed pages, and pressing real keys
  'poppler-utils',
  'xdotool',
  // the district's database
  'postgresql',
  // what systemd says of our units, and a machine to install the package on
  'systemd',
  'systemd-container',
  'mmdebstrap',
] as const;

/** Makes dpkg-query print one line a package: its name, its state, and the names it provides. */
const FORMAT = '${Package}\\t${db:Status-Status}\\t${Provides}\\n';

/** The wanted packages that are neither installed nor provided by an installed one, from dpkg-query's output. */
export function missingPackages(wanted: readonly string[], dpkgOutput: string): string[] {
  const present = new Set<string>();
  for (const line of dpkgOutput.split('\n')) {
    const [name = '', state, provides = ''] = line.split('\t');
    if (state !== 'installed') continue;
    present.add(name);
    for (const provided of provides.split(',')) present.add(provided.trim().replace(/[ (:].*$/, ''));
  }
  return wanted.filter((name) => !present.has(name));
}

/** The command that installs packages; everything a person without our rights has to type. */
function installCommand(packages: readonly string[]): string {
  return `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** What we say where we may not install them. */
export function askForPackages(packages: readonly string[]): string {
  return `These Debian packages are missing, and installing them needs root. Run, as root,\n\n  ${installCommand(packages)}\n\nand then this again.`;
}

/** What we say on a system without dpkg. */
export function askOnAnotherSystem(packages: readonly string[]): string {
  return `This is not a Debian system: see to it that it has what these Debian 12 packages hold: ${packages.join(' ')}.`;
}

/** Installs what is missing; as root, or through a sudo that asks no question. */
export async function provideDebianPackages(say: (doing: string) => void): Promise<string> {
  const before = await run('dpkg-query', ['-W', '-f', FORMAT]);
  if (before.status === null) {
    process.stderr.write(`${askOnAnotherSystem(debianPackages)}\n`);
    return 'not checked';
  }
  const missing = missingPackages(debianPackages, before.stdout);
  if (missing.length === 0) return `${debianPackages.length} present`;

  const root = process.getuid?.() === 0;
  if (!root && (await run('sudo', ['-n', 'true'])).status !== 0) throw new SetupError(askForPackages(missing));
  say(`asking Debian for ${missing.length} packages`);
  // What an interrupted run left half set up stops every later one.
  await asRoot(root, ['dpkg', '--configure', '-a']);
  await aptGet(root, ['update']);
  const { stdout, stderr } = await aptGet(root, ['install', '-y', '--no-install-recommends', ...missing], (line) => {
    const doing = /^(Get|Unpacking|Setting up)\b/.exec(line)?.[1];
    if (doing !== undefined) say(doing === 'Get' ? 'downloading' : doing.toLowerCase());
  });
  const after = await run('dpkg-query', ['-W', '-f', FORMAT]);
  const still = missingPackages(missing, after.stdout);
  if (still.length > 0)
    throw new SetupError(`apt-get could not install ${still.join(' ')}:\n${(stdout + stderr).slice(-2000)}`);
  return `installed ${missing.join(' ')}`;
}

function aptGet(root: boolean, args: readonly string[], onLine: (line: string) => void = () => {}) {
  // A fresh machine looks for updates by itself, and holds the lock meanwhile.
  return asRoot(root, ['apt-get', '-o', 'DPkg::Lock::Timeout=120', ...args], onLine);
}

function asRoot(root: boolean, command: readonly string[], onLine: (line: string) => void = () => {}) {
  const whole = ['DEBIAN_FRONTEND=noninteractive', ...command];
  return root ? run('env', whole, { onLine }) : run('sudo', ['-n', 'env', ...whole], { onLine });
}
