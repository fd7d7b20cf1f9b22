/** One decoder that lives as long as the streams come. */
interface Decoding {
  push(piece: Uint8Array): void;
  /** Whether a good answer is found behind all that came; the pieces are cut by `cut`. */
  findsGood(cut: (bytes: Uint8Array) => Uint8Array[]): boolean;
}

/** What streams are sent to. */
export interface Subject {
  /** Good streams, which are sent as they are and with mutations. */
  readonly samples: readonly Uint8Array[];
  /** The largest piece that comes at once. */
  readonly pieceMax: number;
  start(): Decoding;
}
