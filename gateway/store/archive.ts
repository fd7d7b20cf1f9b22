/** Old bodies, where a store keeps them apart (sync.md, The district's store). */

/** Backups and terminals go back no further (docs/gateway.md): behind it a body is hardly read again. */
export const HORIZON_MS = 35 * 86_400_000;

export interface ArchiveStore {
  /**
   * Moves one portion of the bodies that came before a time, and that the intake has seen, into the archive of their month. Entries, their
   * hashes and wrapped keys stay where they are. In SQLite nothing moves: its file is one.
   * @returns how many were moved; 0 when nothing is left
   */
  archive(receivedBefore: Date): Promise<number>;
}
