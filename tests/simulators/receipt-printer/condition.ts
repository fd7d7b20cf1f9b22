/** What a receipt printer can be asked about itself. */
export interface Condition {
  readonly paper: 'enough' | 'near-end' | 'end';
  readonly cover: 'closed' | 'open';
  readonly cutter: 'free' | 'stuck';
  /** A hot head stops and goes on by itself. */
  readonly head: 'cool' | 'hot';
}

export const SOUND: Condition = { paper: 'enough', cover: 'closed', cutter: 'free', head: 'cool' };

/** A printer that is not online keeps what it receives and prints none of it. */
export function isOnline(condition: Condition): boolean {
  const { paper, cover, cutter, head } = condition;
  return paper !== 'end' && cover === 'closed' && cutter === 'free' && head === 'cool';
}

/** The byte that answers `10 04 n`; nothing for an n that the sheet does not have. */
export function realTimeStatus(condition: Condition, n: number): number | null {
  const { paper, cover, cutter, head } = condition;
  const error = cutter === 'stuck' || head === 'hot';
  switch (n) {
    case 1:
      return 0x12 | bits(!isOnline(condition), 0x08);
    case 2:
      return 0x12 | bits(cover === 'open', 0x04) | bits(paper === 'end', 0x20) | bits(error, 0x40);
    case 3:
      return 0x12 | bits(cutter === 'stuck', 0x08) | bits(head === 'hot', 0x40);
    case 4:
      return 0x12 | bits(paper !== 'enough', 0x0c) | bits(paper === 'end', 0x60);
    default:
      return null;
  }
}

/** The four bytes of the automatic status. */
export function automaticStatus(condition: Condition): Uint8Array {
  const { paper, cover, cutter, head } = condition;
  return Uint8Array.of(
    0x10 | bits(!isOnline(condition), 0x08) | bits(cover === 'open', 0x20),
    bits(cutter === 'stuck', 0x08) | bits(head === 'hot', 0x40),
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
