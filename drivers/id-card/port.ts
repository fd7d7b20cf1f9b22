import type { Connection } from '#contract/connection.ts';
import type { IdCard, ReaderState } from '#contract/devices.ts';
import type { Result } from '#contract/result.ts';
import type { Sensitive } from '#contract/sensitive.ts';
import type { Device, DeviceEvent, DriverOptions } from '../common/port.ts';
import type { Recordable } from '../common/traffic.ts';
import type { NoPicture, Picture } from './photo.ts';

/** Why no card was read: the caller stopped it, the reader stayed away, or the reader has a fault of its own. */
export type ReadError =
  | { readonly code: 'aborted' }
  | { readonly code: 'away' | 'fault'; readonly why: string; readonly remedy: string };

/** A SAM_V reader for resident ID cards: serial, TCP, one of the two HID wrappings, or bulk USB (devices.md, section 1). */
export interface IdCardReader extends Device<ReaderState> {
  /**
   * Looks for a card until one is read. A card that cannot be read shows as `unreadable`, and the looking goes on; a reader that
   * is away for a moment is waited for. One look at a time: a second call ends the first with `aborted`.
   */
  read(signal: AbortSignal): Promise<Result<Sensitive<IdCard>, ReadError>>;
  /** Whether a card lies on the reader now, be it read or not (R17); `unknown` when the reader does not answer. */
  presence(): Promise<'present' | 'absent' | 'unknown'>;
  /** Whether a vendor's program is named that decodes photographs; then each card's is. */
  readonly decodesPhotos: boolean;
  /**
   * The photograph of the card that was read last, decoded by the vendor's program. It is given once and to who asks at once, and to
   * nobody once that card was lifted or another is looked for. It takes 2 s at most; a program that gives none is told to the log.
   */
  photo(): Promise<Result<Picture, NoPicture>>;
  /** The SAM's number as printed on the module, or null before it was heard. */
  samId(): string | null;
}

/** What the log is told when the vendor's program gave no photograph. */
export interface NoPhotoEvent extends Pick<NoPicture, 'why' | 'remedy'> {
  readonly event: 'no-photo';
  readonly device: 'id-card';
}

export interface IdCardReaderOptions extends DriverOptions, Recordable {
  readonly log?: (event: DeviceEvent | NoPhotoEvent) => void;
  readonly connection: Connection;
  /** A vendor's program that decodes the closed photograph ({@link decodePhoto}); without one a photograph is not available. */
  readonly photoDecoder?: string | undefined;
}
