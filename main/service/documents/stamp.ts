import { createPublicKey, type KeyObject } from 'node:crypto';
import { fromBase64Url, toBase64Url } from '../sealing/base64url.ts';
import { hashOf, requireSuite, signText, textIsSigned } from '../suite/suite.ts';
import type { SheetPaper, SignedSheet } from './paper.ts';

/**
 * A sheet's QR code: `YC1.<number>.<C|N>.<digest>.<signature>`, digest and signature in base64url. It names the paper and lets
 * anyone with the terminal's public key tell that a known terminal printed it; it holds nothing personal (R20). The digest covers the
 * signature's strokes too, which nobody can guess, so that it can't be tried out against names and numbers.
 */
const FORM = /^YC1\.([\dX-]+)\.([CN])\.([\w-]{43})\.([\w-]{86})$/;

const LETTER = { certificate: 'C', 'acceptance-notice': 'N' } as const;

/** Signs a sheet with the terminal's key; digest and signature are of its suite. */
export function stampSheet(sheet: SheetPaper, key: KeyObject): SignedSheet {
  const hash = hashOf(requireSuite(key), JSON.stringify(sheet));
  const letter = LETTER[sheet.document];
  const digest = hash.toString('base64url');
  const signature = toBase64Url(signText(signedText(sheet.number, letter, digest), key));
  const shown = hash.toString('hex').slice(0, 16).toUpperCase();
  return {
    ...sheet,
    code: ['YC1', sheet.number, letter, digest, signature].join('.'),
    digest: shown.replaceAll(/(.{4})(?=.)/g, '$1-'),
  };
}

/** Whether a QR code's text was signed by this terminal. */
export function codeIsGenuine(code: string, terminal: KeyObject): boolean {
  const parts = FORM.exec(code);
  if (!parts?.[1] || !parts[2] || !parts[3] || !parts[4]) return false;
  const key = terminal.type === 'private' ? createPublicKey(terminal) : terminal;
  return textIsSigned(signedText(parts[1], parts[2], parts[3]), fromBase64Url(parts[4]), key);
}

function signedText(number: string, letter: string, digest: string): string {
  return ['yichuang-document-1', number, letter, digest].join('\n');
}
