/** Answers of the two kinds of HID readers, put together from the sheet without the driver's own code. */

/** A report of 64 bytes. */
export function filled(bytes: ArrayLike<number>): Uint8Array {
  const report = new Uint8Array(64);
  report.set(Array.from(bytes));
  return report;
}

/** What a reader of 10C4:0007 sends. */
export function counted(frame: Uint8Array): Uint8Array[] {
  const length = frame.length + 1;
  const inside = [length & 255, length >> 8, 0, ...frame];
  const sum = inside.reduce((total, byte) => total + byte, 0) & 65_535;
  const packet = [0xaa, 1, 0, ...inside, sum & 255, sum >> 8];
  return Array.from({ length: Math.ceil(packet.length / 64) }, (_, i) => filled(packet.slice(i * 64, i * 64 + 64)));
}

/** What a reader of 0483:572B sends. */
export function pieced(frame: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(frame.length / 63) }, (_, i) => {
    const piece = frame.subarray(i * 63, i * 63 + 63);
    return filled([piece.length, ...piece]);
  });
}
