import type { Alert } from './alerts.ts';

/** Whether an alert takes the whole screen until it is read; the others are banners. Apart, since the screen's page bears no schemas. */
export function isGrave({ level }: Pick<Alert, 'level'>): boolean {
  return level === 'orange' || level === 'red';
}
