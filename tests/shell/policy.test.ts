import { expect, test } from 'vitest';
import { contentSecurityPolicy, isOurs, maySpeak, mayUse, PAGE } from '#main/shell/policy.ts';

test('the policy allows nothing unsafe, no foreign source and one policy for trusted types', () => {
  const policy = contentSecurityPolicy('bm9uY2U=');
  expect(policy).not.toMatch(/unsafe|https?:|\*|blob:/);
  const directives = new Map(
    policy.split('; ').map((line) => [line.split(' ')[0], line.split(' ').slice(1).join(' ')]),
  );
  expect(directives.get('default-src')).toBe("'none'");
  expect(directives.get('script-src')).toBe("'self'");
  expect(directives.get('style-src')).toBe("'self' 'nonce-bm9uY2U='");
  // Pictures that stand in their own address run nothing; nothing else may come that way.
  expect(directives.get('img-src')).toBe("'self' data:");
  expect(policy.match(/data:/g)).toHaveLength(1);
  expect(directives.get('require-trusted-types-for')).toBe("'script'");
  expect(directives.get('trusted-types')).toBe('yichuang-worker');
  expect(directives.get('worker-src')).toBe("'self'");
  for (const closed of ['base-uri', 'form-action', 'frame-ancestors']) expect(directives.get(closed)).toBe("'none'");
});

test.each([
  [PAGE, true],
  ['app://terminal/assets/a.js?x#y', true],
  ['app://elsewhere/index.html', false],
  ['app://terminal.example/index.html', false],
  ['app://terminal@elsewhere/index.html', false],
  ['app://someone@terminal/index.html', false],
  ['app:terminal', false],
  ['https://terminal/index.html', false],
  ['file:///etc/passwd', false],
  ['about:blank', false],
  ['data:text/html,x', false],
  ['', false],
])('%s is ours: %s', (address, expected) => {
  expect(isOurs(address)).toBe(expected);
});

test('only the main frame of the page on the screen may speak', () => {
  const right = { frame: PAGE, isMainFrame: true, isOnScreen: true };
  expect(maySpeak(right)).toBe(true);
  expect(maySpeak({ ...right, isMainFrame: false })).toBe(false);
  expect(maySpeak({ ...right, isOnScreen: false })).toBe(false);
  expect(maySpeak({ ...right, frame: 'about:blank' })).toBe(false);
  expect(maySpeak({ ...right, frame: null })).toBe(false);
});

test('the camera alone may be used, and only by our page', () => {
  const camera = { permission: 'media', origin: PAGE, media: ['video'] };
  expect(mayUse(camera)).toBe(true);
  expect(mayUse({ ...camera, media: ['video', 'audio'] })).toBe(false);
  expect(mayUse({ ...camera, media: [] })).toBe(false);
  expect(mayUse({ ...camera, media: ['unknown'] })).toBe(false);
  expect(mayUse({ ...camera, origin: 'https://example.invalid/' })).toBe(false);
  for (const permission of [
    'geolocation',
    'notifications',
    'clipboard-read',
    'midi',
    'hid',
    'serial',
    'usb',
    'fullscreen',
  ]) {
    expect(mayUse({ ...camera, permission })).toBe(false);
  }
});
