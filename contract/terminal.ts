import { z } from 'zod';
import { Alert } from './alerts.ts';
import { PrinterProblem } from './devices.ts';
import { Text } from './text.ts';

/** Why nobody can be served now; the words stand in the translation files, `detail` is for staff and holds no personal data. */
export const OutOfService = z.strictObject({
  why: z.enum([
    'starting',
    'service-stopped',
    'not-enrolled',
    'configuration',
    'store-damaged',
    'store-newer',
    'store-in-use',
    'key-missing',
    'disk-full',
    'catalogue',
    'release',
    'withdrawn',
  ]),
  detail: z.string(),
});
export type OutOfService = z.infer<typeof OutOfService>;

/** What needs a person. The words stand in the translation files; `remedy` is for staff. Neither holds personal data. */
export const Concern = z.strictObject({
  part: z.enum(['id-card', 'receipt-printer', 'document-printer', 'scanner', 'camera', 'district']),
  what: z.enum([
    ...PrinterProblem.options,
    'away',
    'paper-low',
    'toner-low',
    'refused',
    'withdrawn',
    'quarantined',
    'lost',
  ]),
  remedy: z.string(),
});
export type Concern = z.infer<typeof Concern>;

/** The health of the whole terminal: the worst that is true of it, and each thing that a person should see to. */
export const TerminalHealth = z.discriminatedUnion('is', [
  /** Nobody can be served. */
  OutOfService.extend({ is: z.literal('out-of-service') }),
  /** An item can't be done now that could be. */
  z.strictObject({ is: z.literal('limited'), concerns: z.array(Concern).min(1) }),
  /** Every item can be done, and somebody should look soon. */
  z.strictObject({ is: z.literal('attention'), concerns: z.array(Concern).min(1) }),
  z.strictObject({ is: z.literal('well') }),
]);
export type TerminalHealth = z.infer<typeof TerminalHealth>;

/** The terminal's health and place, pushed whole at each change. */
export const TerminalSnapshot = z.strictObject({
  health: TerminalHealth,
  community: z
    .strictObject({
      street: Text,
      name: Text,
      phone: z.string(),
      desk: Text,
      opens: z.string(),
      closes: z.string(),
    })
    .nullable(),
  network: z.enum(['online', 'offline']),
  /** Journal entries that the district has not acknowledged yet. */
  unsynced: z.int(),
  /** Public warnings that hold now, the gravest first. */
  alerts: z.array(Alert).readonly(),
});
export type TerminalSnapshot = z.infer<typeof TerminalSnapshot>;
