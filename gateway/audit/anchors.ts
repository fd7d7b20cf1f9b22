/** Once a day the gateway signs where every journal stands (contract/anchors.ts). */
import { type Anchor, type AnchorDay, anchorSignatureText, anchorsText } from '#contract/anchors.ts';
import { Suite } from '#contract/suite.ts';
import type { GatewayKeys } from '../identity/keys.ts';
import type { GatewayKey } from '../identity/succession.ts';
import type { SignedAnchorDay } from '../store/audit.ts';
import type { GatewayStore } from '../store/store.ts';
import { hashOf } from '../suite/suite.ts';

const HOUR_MS = 3_600_000;
/** The district's time is China's, which knows no summer time. */
const DISTRICT_OFFSET_MS = 8 * HOUR_MS;

/** The day whose anchors are due: it begins at the given hour of the district's time. @returns YYYY-MM-DD */
export function anchorDayOf(at: Date, hour: number): string {
  return new Date(at.getTime() + DISTRICT_OFFSET_MS - hour * HOUR_MS).toISOString().slice(0, 10);
}

/** In hexadecimal, by the day's suite. */
export function anchorDigest(day: AnchorDay, anchors: readonly Anchor[]): string {
  return hashOf(day.suite, anchorsText(day, anchors)).toString('hex');
}

/**
 * Takes the day's anchors of both suites, unless they are taken: by this gateway before, or by another one of the same store.
 * @returns the suites whose anchors were taken now.
 */
export async function takeAnchors(
  store: Pick<GatewayStore, 'epoch' | 'takeAnchors'>,
  keys: GatewayKeys,
  day: string,
  at: Date,
): Promise<Suite[]> {
  const seal = (key: GatewayKey, sealed: AnchorDay, anchors: readonly Anchor[]): SignedAnchorDay => {
    const digest = anchorDigest(sealed, anchors);
    const signature = key.sign(anchorSignatureText(digest)).toString('base64url');
    return { ...sealed, digest, publicKey: key.publicKey, signature };
  };
  const epoch = await store.epoch();
  const taken: Suite[] = [];
  for (const suite of Suite.options) {
    const key = keys[suite].at(at);
    // Another gateway has it.
    if (!key) continue;
    const due = { day, suite, epoch, takenAt: at.toISOString() };
    if (await store.takeAnchors(due, (sealed, anchors) => seal(key, sealed, anchors))) taken.push(suite);
  }
  return taken;
}
