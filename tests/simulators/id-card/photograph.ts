/** Pixels of a card's photograph (devices.md, section 1). */
const WIDTH = 102;
const HEIGHT = 126;
/** Bytes of a bitmap's two headers, and of a row, which ends on a multiple of four. */
const HEADERS = 54;
const ROW = Math.ceil((WIDTH * 3) / 4) * 4;

/**
 * What a vendor's program makes of a photograph: a plain bitmap with a grey oval on it, nobody's face.
 * @param shade 0 to 255: ovals of different shades are different people's.
 */
export function drawPhotograph(shade = 120): Uint8Array {
  const bitmap = Buffer.alloc(HEADERS + ROW * HEIGHT);
  bitmap.write('BM');
  bitmap.writeUInt32LE(bitmap.length, 2);
  bitmap.writeUInt32LE(HEADERS, 10);
  bitmap.writeUInt32LE(40, 14);
  bitmap.writeInt32LE(WIDTH, 18);
  bitmap.writeInt32LE(HEIGHT, 22);
  bitmap.writeUInt16LE(1, 26);
  bitmap.writeUInt16LE(24, 28);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const far = ((x - WIDTH / 2) / 32) ** 2 + ((y - HEIGHT / 2) / 42) ** 2;
      const grey = far < 1 ? Math.round(shade + 40 * far) : 236;
      bitmap.fill(Math.min(grey, 255), HEADERS + y * ROW + x * 3, HEADERS + y * ROW + x * 3 + 3);
    }
  }
  return new Uint8Array(bitmap);
}
