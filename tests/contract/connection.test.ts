import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConnection } from '#contract/connection.ts';

describe('a connection as written in terminal.yaml', () => {
  it.each([
    ['serial:/dev/ttyS0', { by: 'serial', path: '/dev/ttyS0', baud: 'auto' }],
    ['serial:/dev/ttyUSB1?baud=9600', { by: 'serial', path: '/dev/ttyUSB1', baud: 9600 }],
    ['lp:/dev/usb/lp0', { by: 'lp', path: '/dev/usb/lp0' }],
    ['hid:10c4:0007', { by: 'hid', vendor: 0x10c4, product: 7, serial: null }],
    ['hid:0483:572B?serial=A-1', { by: 'hid', vendor: 0x0483, product: 0x572b, serial: 'A-1' }],
    ['usb:0400:c35a', { by: 'usb', vendor: 0x0400, product: 0xc35a, serial: null }],
    [
      'keyboard:/dev/input/by-id/usb-Scanner-event-kbd',
      { by: 'keyboard', path: '/dev/input/by-id/usb-Scanner-event-kbd' },
    ],
    ['video:/dev/video0', { by: 'video', path: '/dev/video0' }],
    ['tcp:127.0.0.1:9100', { by: 'tcp', host: '127.0.0.1', port: 9100 }],
    ['tcp:[::1]:9100', { by: 'tcp', host: '::1', port: 9100 }],
    ['tcp:printer.example:65535', { by: 'tcp', host: 'printer.example', port: 65_535 }],
    ['ipps://[::1]/ipp/print', { by: 'ipp', url: 'ipps://[::1]/ipp/print' }],
    ['ipp://127.0.0.1:8631/ipp/print', { by: 'ipp', url: 'ipp://127.0.0.1:8631/ipp/print' }],
  ])('%s', (given, value) => {
    expect(parseConnection(given)).toEqual({ ok: true, value });
  });

  it.each([
    '',
    'serial:',
    'serial:/dev/x?baud=fast',
    'tcp:host',
    'tcp:host:0',
    'tcp:host:65536',
    'usb:1',
    'usb:0400:c35a?serial=',
    'lp:lp0',
    'keyboard:event0',
    'video:0',
    'hid:10c4',
    'hid:10c4:7',
    'hid:10c4:0007?serial=',
    'ipp://',
    'ipp://printer:99999/ipp/print',
    'ipp://[::1/ipp',
    'ipp://someone@printer/ipp',
  ])('refuses %j and says what to write', (given) => {
    const parsed = parseConnection(given);
    expect(parsed.ok).toBe(false);
    expect(!parsed.ok && parsed.error.remedy).toContain('serial:PATH');
  });

  it('answers every text without throwing', () => {
    fc.assert(fc.property(fc.string(), (given) => typeof parseConnection(given).ok === 'boolean'));
  });
});
