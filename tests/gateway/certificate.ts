/** X.509 certificates with any dates (RFC 5280), as no tool makes them that every machine has. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { testFolder } from './stores.ts';

/** One element: its tag, its length and what it holds (ITU-T X.690). */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: readonly Uint8Array[]) => der(0x30, ...content);
const hex = (text: string) => Buffer.from(text, 'hex');
const time = (at: Date) => der(0x18, Buffer.from(at.toISOString().replace(/[-:T]|\.\d+/g, '')));
const name = (text: string) => sequence(der(0x31, sequence(hex('0603550403'), der(0x0c, Buffer.from(text)))));

const ECDSA_SHA256 = sequence(hex('06082a8648ce3d040302'));
/** 127.0.0.1 as alternative name (2.5.29.17), and an authority (2.5.29.19) so that it may vouch for itself. */
const EXTENSIONS = der(
  0xa3,
  sequence(
    sequence(hex('0603551d11'), der(0x04, sequence(der(0x87, hex('7f000001'))))),
    sequence(hex('0603551d13'), hex('0101ff'), der(0x04, sequence(hex('0101ff')))),
  ),
);

/** What a key vouches for by itself. `from` and `until` bound its time. */
function certificate({ privateKey, publicKey }: Pair, from: Date, until: Date): string {
  const tbs = sequence(
    hex('a003020102'),
    der(0x02, Buffer.concat([hex('01'), randomBytes(8)])),
    ECDSA_SHA256,
    name('gateway'),
    sequence(time(from), time(until)),
    name('gateway'),
    publicKey.export({ type: 'spki', format: 'der' }),
    EXTENSIONS,
  );
  const signature = sign('sha256', tbs, privateKey);
  const whole = sequence(tbs, ECDSA_SHA256, der(0x03, hex('00'), signature));
  return `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const DAY_MS = 86_400_000;

/** A server's key with its certificate in files. @param days its time, counted from now */
export function issued(days: { readonly from: number; readonly until: number } = { from: -1, until: 90 }) {
  const folder = testFolder();
  const files = { cert: `${folder}/tls.crt`, key: `${folder}/tls.key` };
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const at = (day: number) => new Date(Date.now() + day * DAY_MS);
  const pem = certificate(pair, at(days.from), at(days.until));
  writeFileSync(files.cert, pem);
  writeFileSync(files.key, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  return { files, pem, pin: `sha256/${createHash('sha256').update(spki).digest('base64')}` };
}
