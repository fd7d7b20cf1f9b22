/**
 * Faults of our own making, each of which breaks one promise of engine, journal or gateway. They stand here to show that the
 * simulation would find them.
 */
export const terminalMutants = [
  /** The engine takes an entry as delivered before the gateway has answered for it. */
  'delivered-without-an-answer',
  /** What the district has lost is not sent again. */
  'never-rewinds',
  /** Receipt numbers do not tell of the terminal's incarnation. */
  'numbers-without-incarnation',
  /** The store says "committed" before it is on the disk. */
  'commits-not-synced',
  /** Bodies go while the district may still ask for them. */
  'lets-go-too-early',
  /** Bodies go before anybody has answered for them. */
  'lets-go-of-what-waits',
  /** What the district has lost for good is told to nobody. */
  'hides-what-is-lost',
  /** A terminal that the district has withdrawn goes on as before. */
  'forgets-that-it-was-withdrawn',
  /** A start throws the key away that the district had before. */
  'forgets-the-former-key',
] as const;
export type TerminalMutant = (typeof terminalMutants)[number];

export const gatewayMutants = [
  /** The gateway answers, and commits later. */
  'answers-before-commit',
  /** Each entry is kept twice, the second time under an incarnation of the gateway's own. */
  'keeps-twice',
  /** An entry beyond a gap is answered as if it were joined. */
  'held-is-stored',
  /** Whom the district has withdrawn is answered like everybody. */
  'answers-the-revoked',
  /** Another key is taken, and the old one stays. */
  'key-not-kept',
] as const;
export type GatewayMutant = (typeof gatewayMutants)[number];
export type Mutant = TerminalMutant | GatewayMutant;
