/** Between the gateway and its intake worker; nothing of an entry passes here. */
export type ToIntake = 'work' | 'stop';

export type FromIntake =
  /** The district's public half is published and the worker waits for work. */
  { readonly state: 'ready' } | { readonly state: 'refused'; readonly message: string };
