/**
 * Keys of a keyboard or an assistive keypad that rule reading aloud, by their place (`KeyboardEvent.code`). Keypads with a socket for a
 * headset tell its plug as keys; which ones, and all others, can be set in the keypad itself.
 */
export const speechKeys = {
  F2: 'switch',
  F3: 'repeat',
  F4: 'quiet',
  F6: 'softer',
  F7: 'louder',
  F8: 'curtain',
  F15: 'headset-in',
  F16: 'headset-out',
} as const;
export type SpeechKey = keyof typeof speechKeys;

export function isSpeechKey(code: string): code is SpeechKey {
  return Object.hasOwn(speechKeys, code);
}
