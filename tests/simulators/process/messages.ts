/** The owner asks for a verb; `faults.` stands before a verb of the device's faults. */
export interface ToDevice {
  readonly call: number;
  readonly verb: string;
  readonly given: readonly unknown[];
}

/** What became different in a device: a value is told anew, a list only grows. */
export type Change =
  | { readonly key: string; readonly value: unknown }
  | { readonly key: string; readonly added: readonly unknown[] };

export type FromDevice =
  | { readonly is: 'ready'; readonly verbs: readonly string[] }
  | { readonly is: 'changed'; readonly changes: readonly Change[] }
  | { readonly is: 'done'; readonly call: number; readonly result: unknown }
  /** The error of a verb, or of the start where no call is named. */
  | { readonly is: 'refused'; readonly call: number | null; readonly error: Error };
