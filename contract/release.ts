import { z } from 'zod';

/** Where the list and its signature stand in an installed release, relative to its folder. */
export const RELEASE_LIST = 'release.json';
export const RELEASE_SIGNATURE = 'release.sig';

/** One file of a release. */
const ReleaseFile = z.strictObject({
  /** Relative to the release's folder, with `/`; never absolute and never with `..`. */
  path: z.string().regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$)).+$/),
  bytes: z.int().min(0),
  /** Hexadecimal. */
  sha256: z.string().regex(/^[\da-f]{64}$/),
});

/** Every file that an installed release consists of, the list and its signature aside; `release.sig` signs the list's bytes. */
export const Release = z.strictObject({
  version: z.string(),
  /** As Debian names it. */
  architecture: z.enum(['amd64', 'arm64']),
  electron: z.string(),
  files: z.array(ReleaseFile),
});
export type Release = z.infer<typeof Release>;

/** What is signed: the name of its use, and the list as it lies there. */
export function releaseText(list: string): string {
  return `yichuang-release-1\n${list}`;
}
