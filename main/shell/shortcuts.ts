import { isSpeechKey } from '#contract/speech-keys.ts';

/** A key press as Electron's `before-input-event` tells it. */
export interface KeyPress {
  readonly key: string;
  /** The key's place on a keyboard, whatever it types. */
  readonly code: string;
  readonly control: boolean;
  readonly alt: boolean;
  readonly meta: boolean;
}

/** Named keys that type, correct or move the focus; every other named key stays without effect. */
const HARMLESS = new Set([
  'Enter',
  'Tab',
  'Escape',
  'Backspace',
  'Delete',
  'Insert',
  'Home',
  'End',
  'PageUp',
  'PageDown',
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'ArrowRight',
  'Shift',
  'CapsLock',
  'NumLock',
  'Process',
  'Dead',
  'Unidentified',
]);

/**
 * Decides by an allow-list: typing, correcting and moving the focus are for residents; combinations with Control, Alt or
 * Meta (close, reload, quit, zoom, copy to the next resident) and function keys are swallowed, but for those that rule reading aloud.
 */
export function isForResidents({ key, code, control, alt, meta }: KeyPress): boolean {
  if (control || alt || meta) return false;
  return /^.$/u.test(key) || HARMLESS.has(key) || isSpeechKey(code);
}
