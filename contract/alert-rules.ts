/** Rules of alerts, apart from their schemas, which the screen's page does not bear (Trusted Types). */
import type { Alert } from './alerts.ts';

/** Whether an alert takes the whole screen until it is read; the others are banners. */
export function isGrave({ level }: Pick<Alert, 'level'>): boolean {
  return level === 'orange' || level === 'red';
}

/** Whether the way to the centre may lie under water: then a screen invites and sends nobody there. */
export function isFlood(alerts: readonly Pick<Alert, 'hazard'>[]): boolean {
  return alerts.some(({ hazard }) => hazard === 'flood');
}
