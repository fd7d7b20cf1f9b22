/** The process of one simulated device: `child.ts KIND OPTIONS`, the options as JSON. It ends when its owner is gone. */
import { isDeepStrictEqual } from 'node:util';
import { type Kind, kinds } from './kinds.ts';
import type { Change, FromDevice, ToDevice } from './messages.ts';

type Verb = (...given: readonly unknown[]) => unknown;
type Device = Readonly<Record<string, unknown>> & { close(): Promise<void> };

const [kind = '', options = ''] = process.argv.slice(2);
const told = new Map<string, unknown>();
let device: Device | null = null;
let pending: NodeJS.Immediate | null = null;

function tell(message: FromDevice): void {
  if (process.connected) process.send?.(message);
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}

/** The methods of an object; a class has them on its prototype. */
function verbsOf(holder: object, prefix = ''): [string, Verb][] {
  const prototype: object = Object.getPrototypeOf(holder);
  const names = [holder, ...(prototype === Object.prototype ? [] : [prototype])].flatMap(Object.getOwnPropertyNames);
  return names.flatMap((name): [string, Verb][] => {
    const member: unknown = name === 'constructor' ? null : Reflect.get(holder, name);
    return typeof member === 'function' ? [[prefix + name, member.bind(holder)]] : [];
  });
}

function changeOf(key: string, value: unknown): Change | null {
  if (Array.isArray(value)) {
    const before = Number(told.get(key) ?? -1);
    told.set(key, value.length);
    return value.length > before ? { key, added: value.slice(Math.max(0, before)) } : null;
  }
  if (told.has(key) && isDeepStrictEqual(told.get(key), value)) return null;
  told.set(key, value);
  return { key, value };
}

function push(): void {
  if (pending) clearImmediate(pending);
  pending = null;
  const changes = Object.entries(device ?? {}).flatMap(([key, value]) => {
    if (typeof value === 'function' || key === 'faults') return [];
    const change = changeOf(key, value);
    return change ? [change] : [];
  });
  if (changes.length > 0) tell({ is: 'changed', changes });
}

/** Several changes of one turn are told together. */
function onChange(): void {
  pending ??= setImmediate(push);
}

async function run(verbs: ReadonlyMap<string, Verb>, { call, verb, given }: ToDevice): Promise<void> {
  try {
    const result = await verbs.get(verb)?.(...given);
    push();
    tell({ is: 'done', call, result });
  } catch (cause) {
    push();
    tell({ is: 'refused', call, error: asError(cause) });
  }
}

process.once('disconnect', () => {
  void Promise.resolve(device?.close()).then(() => process.exit());
});
try {
  const opened: object = await kinds[kind as Kind]({ ...JSON.parse(options), onChange } as never);
  device = opened as Device;
  const faults = device.faults;
  const held = typeof faults === 'object' && faults !== null ? verbsOf(faults, 'faults.') : [];
  const verbs = new Map([...verbsOf(opened), ...held]);
  process.on('message', (message) => void run(verbs, message as ToDevice));
  push();
  tell({ is: 'ready', verbs: [...verbs.keys()] });
} catch (cause) {
  tell({ is: 'refused', call: null, error: asError(cause) });
}
