/** Frames and text blocks as the protocol sheet draws them, put together without the driver's own code. Nobody is real. */
export function reply(sw3: number, data: ArrayLike<number> = [], sw1 = 0): Uint8Array {
  const length = data.length + 4;
  const body = [length >> 8, length & 255, sw1, 0, sw3, ...Array.from(data)];
  return Uint8Array.from([0xaa, 0xaa, 0xaa, 0x96, 0x69, ...body, body.reduce((a, b) => a ^ b)]);
}

/** A text block from pieces at byte offsets. */
export function block(flag: string, pieces: Readonly<Record<number, string>>): Buffer {
  const text = Buffer.alloc(256);
  for (let at = 0; at < 256; at += 2) text.write(' ', at, 'utf16le');
  for (const [offset, piece] of Object.entries(pieces)) text.write(piece, Number(offset), 'utf16le');
  text.write(flag, 248, 'utf16le');
  return text;
}

export function textAndPhoto(text: Uint8Array, photoBytes = 1024): Buffer {
  const lengths = Buffer.alloc(4);
  lengths.writeUInt16BE(text.length, 0);
  lengths.writeUInt16BE(photoBytes, 2);
  return Buffer.concat([lengths, text, Buffer.alloc(photoBytes, 7)]);
}

export const RESIDENT = block(' ', {
  0: '测试甲',
  30: '2',
  32: '01',
  36: '19900101',
  52: '天津市和平区测试路1号',
  122: '110101199001010015',
  158: '测试市公安局',
  188: '20200229',
  204: '长期',
});
