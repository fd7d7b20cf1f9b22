import type { z } from 'zod';
import type { ScreenEvent } from '#contract/calls.ts';
import type { Item } from '#contract/catalogue.ts';
import type { Configuration } from '#contract/configuration.ts';
import type { ReaderState } from '#contract/devices.ts';
import type { ItemCard } from '#contract/visit.ts';
import type { IdCardReader, Scanner } from '#drivers/index.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { CaseDesk } from '../intake/case-desk.ts';
import type { PrintDesk } from '../print/print-desk.ts';
import type { StaffDoor } from '../staff/sign-in.ts';
import type { Clock, Timers } from '../time/clock.ts';
import type { Random } from '../time/random.ts';
import type { HelpDesk } from './help-desk.ts';

type Unavailable = z.infer<typeof ItemCard>['unavailable'];

/** Everything that a visit reaches; handed in, so that tests own all of it. */
export interface VisitPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Pick<Random, 'uuid'>;
  readonly catalogue: Catalogue;
  readonly community: Configuration['community'];
  readonly reader: Pick<IdCardReader, 'read' | 'photo' | 'decodesPhotos' | 'presence'>;
  /** Null where the terminal has none. */
  readonly scanner: Pick<Scanner, 'onScan' | 'state'> | null;
  readonly cases: Pick<CaseDesk, 'submit' | 'confirm' | 'refuse' | 'orderNotice' | 'rate'>;
  readonly prints: Pick<PrintDesk, 'again' | 'hold'>;
  readonly staff: Pick<StaffDoor, 'signIn' | 'lockedForMs'>;
  readonly help: Pick<HelpDesk, 'open' | 'seen' | 'close'>;
  /** The reader's state as the screen shows it. */
  readerState(): ReaderState;
  /** Why an item can't be done now, or null. */
  unavailable(item: Item): Unavailable;
  /** Ids of the alerts that take the whole screen, the gravest first. */
  graveAlerts(): readonly string[];
  /** Sounds and the word that all was wiped. */
  screen(event: Extract<ScreenEvent, { event: 'sound' | 'wiped' }>): void;
}
