/** The outcome of something that may fail in an expected way: a device that is away, a network that is down. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function ok(): { readonly ok: true; readonly value: undefined };
export function ok<T>(value: T): { readonly ok: true; readonly value: T };
export function ok<T>(value?: T): { readonly ok: true; readonly value: T | undefined } {
  return { ok: true, value };
}

export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/** Ends an exhaustive switch: a case that the types rule out was reached. Where it stands no test can come, and coverage shows it. */
export function unreachable(value: never): never {
  throw new Error(`a case that cannot be was reached: ${typeof value}`);
}
