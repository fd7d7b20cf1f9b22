/** Public warnings (预警): what the district has a terminal show until it ends. */
import { z } from 'zod';
import { Text } from './text.ts';

/** The four national levels (蓝, 黄, 橙, 红), the least first. */
export const AlertLevel = z.enum(['blue', 'yellow', 'orange', 'red']);
export type AlertLevel = z.infer<typeof AlertLevel>;

/** What an alert says. It names no place to go to: a terminal can't know which way is safe. */
export const AlertContent = z.object({
  level: AlertLevel,
  hazard: z.enum(['flood', 'storm', 'heat', 'cold', 'earthquake', 'fire', 'other']),
  title: Text,
  text: Text,
  /** What to do now, the most important first. */
  steps: z.array(Text).min(1).max(4),
  issuer: Text,
  /** Whom to call, as it is dialled. */
  phone: z.string().regex(/^[0-9-]{3,20}$/),
});
export type AlertContent = z.infer<typeof AlertContent>;

export const Alert = AlertContent.extend({
  id: z.uuid(),
  /** By the clock of the terminal it is over then. */
  expiresAt: z.iso.datetime({ offset: true }),
});
export type Alert = z.infer<typeof Alert>;
