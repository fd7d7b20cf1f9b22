import { z } from 'zod';
import { CameraState, PrinterState, ReaderState, ScannerState } from './devices.ts';
import { Text } from './text.ts';
import { SyncWord } from './wire.ts';

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
  ]),
  detail: z.string(),
});
export type OutOfService = z.infer<typeof OutOfService>;

/** The terminal's health and place, pushed whole at each change. */
export const TerminalSnapshot = z.strictObject({
  outOfService: OutOfService.nullable(),
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
  /** For staff: the way to the district, and how many entries it could not use; absent while the service is away. */
  sync: z.strictObject({ state: SyncWord, quarantined: z.int() }).optional(),
  devices: z

    .strictObject({
      idCard: ReaderState,
      receiptPrinter: PrinterState,
      documentPrinter: PrinterState,
      scanner: ScannerState.optional(),
      camera: CameraState.optional(),
    })
    .nullable(),
});
export type TerminalSnapshot = z.infer<typeof TerminalSnapshot>;
