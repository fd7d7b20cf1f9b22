import type { Suite } from '#contract/suite.ts';

/** Where the district's private keys are, as far as they aren't among the gateway's. Only their paths pass through the gateway. */
export type DistrictKeyFiles = Readonly<Record<Suite, readonly string[]>>;

/** Between the gateway and its intake worker; nothing of an entry passes here. */
export type ToIntake = 'work' | 'stop';

export type FromIntake =
  /** The district's public half is published and the worker waits for work. */
  { readonly state: 'ready' } | { readonly state: 'refused'; readonly message: string };
