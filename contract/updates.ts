/** What the district has for its terminals (sync.md, Down). */
import { z } from 'zod';
import { AlertContent } from './alerts.ts';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const Addressed = {
  id: z.uuid(),
  /** After this time a terminal does nothing about it any more. */
  expiresAt: z.iso.datetime({ offset: true }),
};

/** What this release can carry out. */
export const Update = z.discriminatedUnion('kind', [
  /** A version of the catalogue to fetch by its content hash; it is put to use by another act. */
  z.looseObject({ ...Addressed, kind: z.literal('catalogue'), sha256: Sha256, bytes: z.int().min(1) }),
  /** A quarantined entry shall wait for the district again: it was mended here. */
  z.looseObject({ ...Addressed, kind: z.literal('retry-entry'), incarnation: z.int().min(1), seq: z.int().min(1) }),
  /** What is personal of a case shall be erased here too; `entry` is the id of its journal entry. */
  z.looseObject({ ...Addressed, kind: z.literal('erase-entry'), entry: z.uuid() }),
  /** A public warning, shown until it expires or is withdrawn. */
  z.looseObject({ ...Addressed, kind: z.literal('alert'), ...AlertContent.shape }),
  /** The alert with this id is over before its time. */
  z.looseObject({ ...Addressed, kind: z.literal('alert-withdrawn'), alert: z.uuid() }),
]);
export type Update = z.infer<typeof Update>;

/** A terminal keeps also what only a later release knows, and lets it be. */
export const AnyUpdate = z.looseObject({ ...Addressed, kind: z.string() });
export type AnyUpdate = z.infer<typeof AnyUpdate>;

export const UpdatesAnswer = z.strictObject({
  /** In the order of their publication. */
  updates: z.array(AnyUpdate).max(100),
  /** To be given back as `after`; it means something to the gateway alone. */
  cursor: z.string().max(100),
});
export type UpdatesAnswer = z.infer<typeof UpdatesAnswer>;

/** `failed`: it could not be done here, and trying again would not help. */
export const UpdateOutcome = z.enum(['done', 'expired', 'failed']);
export type UpdateOutcome = z.infer<typeof UpdateOutcome>;

export const UpdateAck = z.strictObject({ id: z.uuid(), outcome: UpdateOutcome });
export type UpdateAck = z.infer<typeof UpdateAck>;
