import type { Display } from './visit.ts';

/** How the screen shows itself to whoever has chosen nothing. Apart from its schema, which the screen's page does not bear (Trusted Types). */
export const STANDARD_DISPLAY: Display = {
  language: 'zh',
  mode: 'standard',
  theme: 'standard',
  reach: 'full',
  hand: 'right',
  speech: 'off',
};
