/** Keys that follow the gateway's and the district's (docs/wire.md, Another gateway key). */
import { z } from 'zod';
import { type Suite, suites } from './suite.ts';

/** A key of the gateway, announced by the one before it; the chain begins with the key that a terminal enrolled with, or any later one. */
export const Successor = z.strictObject({
  /** In the form of {@link suites}. */
  publicKey: z.string(),
  /** ISO 8601 in UTC: from here on it alone signs. */
  from: z.iso.datetime(),
  /** The signature of the key before over {@link successorText}: 64 bytes in base64url. */
  signature: z.string().regex(/^[\w-]{86}$/),
});
export type Successor = z.infer<typeof Successor>;

/** Every successor that the gateway ever had in a suite, the oldest first. It proves itself, so that whoever asks signs nothing. */
export const GatewayKeysAnswer = z.strictObject({ successors: z.array(Successor).max(1000) });
export type GatewayKeysAnswer = z.infer<typeof GatewayKeysAnswer>;

/** The key to which day keys are sealed from now on; `from` is null for the district's first one. */
export const DistrictKeyAnswer = z.strictObject({
  id: z.string(),
  publicKey: z.string(),
  from: z.iso.datetime().nullable(),
});
export type DistrictKeyAnswer = z.infer<typeof DistrictKeyAnswer>;

/** It names the key before, so that it can't be put behind another one. */
export function successorText(suite: Suite, before: string, { publicKey, from }: Omit<Successor, 'signature'>): string {
  return ['yichuang-gateway-key-1', suite, before, publicKey, from].join('\n');
}

/** Whether each of these keys was announced by the one before it, the first by `first`, for a time that is not before the last one's. */
export function isSuccession(
  suite: Suite,
  first: string,
  successors: readonly Successor[],
  isSigned: (text: string, signature: string, publicKey: string) => boolean,
): boolean {
  return successors.every((next, i) => {
    const last = successors[i - 1];
    const before = last?.publicKey ?? first;
    if (!suites[suite].publicKey.test(next.publicKey)) return false;
    if (last && Date.parse(next.from) < Date.parse(last.from)) return false;
    return isSigned(successorText(suite, before, next), next.signature, before);
  });
}

/** The newest whose time has come; null as long as the first key signs. */
export function inForce<T extends Pick<Successor, 'from'>>(successors: readonly T[], at: Date): T | null {
  return successors.findLast(({ from }) => Date.parse(from) <= at.getTime()) ?? null;
}
