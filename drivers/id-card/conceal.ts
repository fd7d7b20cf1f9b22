import type { Concealer } from '../common/traffic.ts';
import { FrameDecoder, type Reply, replyFrame } from './frames.ts';
import { ADDRESS_BYTES } from './protocol.ts';

/** No answer with so few bytes of data tells of a person: states, and the number of the module. */
const IMPERSONAL = 16;
/** The flag of the kind of card stays, so that a replay shows the same fields. */
const TYPE_FLAG = 248;
const LENGTHS = 4;

/**
 * Replaces what a reader's answers tell of a person: a Chinese character by 某, a letter by X, a digit by 0; blanks and the kind of
 * card stay. Photograph, fingerprint, and whatever does not look as the sheet says become zeros.
 */
export class SamConcealer implements Concealer {
  readonly #decoder = new FrameDecoder();

  take(bytes: Uint8Array): (Uint8Array | 'garbled')[] {
    return this.#decoder.push(bytes).map((decoded) => {
      if (decoded.is === 'garbled') return 'garbled';
      const { reply } = decoded;
      const answer = replyFrame({ ...reply, data: concealed(reply) });
      reply.data.fill(0);
      return answer;
    });
  }
}

function concealed({ data }: Reply): Uint8Array {
  if (data.length <= IMPERSONAL) return data;
  if (data.length % ADDRESS_BYTES === 0) return text(data);
  const whole = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const length = whole.readUInt16BE(0);
  const zeros = Buffer.alloc(data.length);
  if (LENGTHS + length > data.length || length <= TYPE_FLAG) return zeros;
  whole.copy(zeros, 0, 0, LENGTHS);
  const block = text(whole.subarray(LENGTHS, LENGTHS + length));
  block[TYPE_FLAG] = whole[LENGTHS + TYPE_FLAG] ?? 0;
  block.copy(zeros, LENGTHS);
  return zeros;
}

function text(block: Uint8Array): Buffer {
  const units = Buffer.from(block).toString('utf16le');
  const replaced = Array.from({ length: units.length }, (_, i) => replace(units.charAt(i))).join('');
  return Buffer.concat([Buffer.from(replaced, 'utf16le'), Buffer.alloc(block.length)], block.length);
}

function replace(unit: string): string {
  if (/[ \0]/.test(unit)) return unit;
  if (/\d/.test(unit)) return '0';
  return /[ -~]/.test(unit) ? 'X' : '某';
}
