import { randomUUID } from 'node:crypto';
import type { AlertContent } from '#contract/alerts.ts';
import type { AnyUpdate } from '#contract/updates.ts';

const text = { zh: '测试预警', en: 'Test alert' };

export const content: AlertContent = {
  level: 'red',
  hazard: 'storm',
  title: text,
  text,
  steps: [text],
  issuer: text,
  phone: '119',
};

export function alertUpdate(expiresAt: Date, changes: Partial<AlertContent> = {}): AnyUpdate {
  return { id: randomUUID(), kind: 'alert', expiresAt: expiresAt.toISOString(), ...content, ...changes };
}

export function withdrawal({ id, expiresAt }: AnyUpdate): AnyUpdate {
  return { id: randomUUID(), kind: 'alert-withdrawn', expiresAt, alert: id };
}
