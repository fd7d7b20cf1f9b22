import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isForResidents } from '#main/shell/shortcuts.ts';

const plain = { code: '', control: false, alt: false, meta: false };

test.each(['a', 'Z', '7', ' ', '中', '𠀀', 'Enter', 'Tab', 'Escape', 'Backspace', 'ArrowLeft', 'Process'])(
  '%s is for residents',
  (key) => {
    expect(isForResidents({ ...plain, key })).toBe(true);
  },
);

test.each([
  'F1',
  'F5',
  'F11',
  'F12',
  'F24',
  'ContextMenu',
  'PrintScreen',
  'BrowserBack',
  'MediaPlayPause',
  'LaunchMail',
  '',
])('%s is not', (key) => {
  expect(isForResidents({ ...plain, key })).toBe(false);
});

test('nothing together with Control, Alt or Meta', () => {
  const modifiers = fc.record({ control: fc.boolean(), alt: fc.boolean(), meta: fc.boolean() });
  fc.assert(
    fc.property(fc.string(), modifiers, (key, held) => {
      fc.pre(held.control || held.alt || held.meta);
      expect(isForResidents({ key, code: 'F2', ...held })).toBe(false);
    }),
  );
});

test.each(['F2', 'F8', 'F15'])('%s rules reading aloud', (code) => {
  expect(isForResidents({ ...plain, key: code, code })).toBe(true);
  expect(isForResidents({ ...plain, key: code, code, control: true })).toBe(false);
});
