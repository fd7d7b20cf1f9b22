/** What a receipt printer can be asked about itself. */
export interface Condition {
  readonly paper: 'enough' | 'near-end' | 'end';
  readonly cover: 'closed' | 'open';
  readonly cutter: 'free' | 'stuck';
}

export const SOUND: Condition = { paper: 'enough', cover: 'closed', cutter: 'free' };

/** A printer that is not online keeps what it receives and prints none of it. */
export function isOnline(condition: Condition): boolean {
  return condition.paper !== 'end' && condition.cover === 'closed' && condition.cutter === 'free';
}

/** The byte that answers `10 04 n`; nothing for an n that the sheet does not have. */
export function realTimeStatus(condition: Condition, n: number): number | null {
  const { paper, cover, cutter } = condition;
  switch (n) {
    case 1:
      return 0x12 | bits(!isOnline(condition), 0x08);
    case 2:
      return 0x12 | bits(cover === 'open', 0x04) | bits(paper === 'end', 0x20) | bits(cutter === 'stuck', 0x40);
    case 3:
      return 0x12 | bits(cutter === 'stuck', 0x08);
    case 4:
      return 0x12 | bits(paper !== 'enough', 0x0c) | bits(paper === 'end', 0x60);
    default:
      return null;
  }
}

/** The four bytes of the automatic status. */
export function automaticStatus(condition: Condition): Uint8Array {
  const { paper, cover, cutter } = condition;
  return Uint8Array.of(
    0x10 | bits(!isOnline(condition), 0x08) | bits(cover === 'open', 0x20),
    bits(cutter === 'stuck', 0x08),
    bits(paper !== 'enough', 0x03) | bits(paper === 'end', 0x0c),
    0,
  );
}

/** The byte that `1D 72 1` asks for: the paper sensors. */
export function paperSensor(condition: Condition): number {
  return bits(condition.paper !== 'enough', 0x03) | bits(condition.paper === 'end', 0x0c);
}

function bits(on: boolean, mask: number): number {
  return on ? mask : 0;
}
