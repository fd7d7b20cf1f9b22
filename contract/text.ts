import { z } from 'zod';

/** Words for residents in every language of the product; a new language is one more key. */
export const Text = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) });
export type Text = z.infer<typeof Text>;

export const Language = z.enum(['zh', 'en']);
export type Language = z.infer<typeof Language>;

/** A calendar day, `YYYY-MM-DD`. */
export const Day = z.iso.date();

/** A calendar month, `YYYY-MM`. */
export const Month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);

/** A mainland mobile number or an area code with a fixed line, digits alone. */
export const Phone = z.string().regex(/^(1[3-9]\d{9}|0\d{2,3}[2-9]\d{6,7})$/);
