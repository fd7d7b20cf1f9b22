/** Delays, injected so that tests run in their own time. Milliseconds; the answer cancels. */
export interface Timers {
  after(ms: number, run: () => void): () => void;
}

/** The event loop's own timers. */
export function systemTimers(): Timers {
  return {
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** What a driver tells the log: one line for each change of a device's state. It never holds personal data. */
export interface DeviceEvent {
  readonly event: 'device-state';
  readonly device: 'id-card' | 'receipt-printer' | 'document-printer' | 'scanner' | 'camera';
  readonly from: string;
  readonly to: string;
  /** Why, in the words of the state, where the state has a reason. */
  readonly why?: string;
  /** What the device said, for staff: a status code, an error of the port. */
  readonly detail?: string;
}

/** What every driver is opened with beside its connection. */
export interface DriverOptions {
  readonly timers?: Timers;
  readonly log?: (event: DeviceEvent) => void;
}

/** What every open device offers. */
export interface Device<State> {
  /** The present state; it is kept true while nobody asks. */
  readonly state: State;
  /** Hears every later change of state. The answer stops it. */
  onState(listener: (state: State) => void): () => void;
  /** Ends what is under way and lets go of the port. */
  close(): Promise<void>;
}
