import { z } from 'zod';
import { parseConnection } from './connection.ts';
import { Suite, suites } from './suite.ts';
import { Text } from './text.ts';

const ConnectionText = z.string().superRefine((given, context) => {
  const parsed = parseConnection(given);
  if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.error.remedy });
});

// What is no time is not compared with another.
const ClockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { message: 'write HH:MM, for instance 09:00', abort: true });

/** `scrypt$N$8$1$salt$hash`: N a power of two from 2^10 to 2^17, 16 bytes of salt and 32 of hash in base64url. */
export const PIN_HASH = /^scrypt\$(1024|2048|4096|8192|16384|32768|65536|131072)\$(8)\$(1)\$([\w-]{22})\$([\w-]{43})$/;

// Custom, because a plain PIN without quotes is a number, and has to hear of the command too.
const PinHash = z.custom<string>(
  (given) => typeof given === 'string' && PIN_HASH.test(given),
  'write what `yichuang staff hash-pin` prints',
);

/** SHA-256 of a public key (SPKI) in base64. */
const TLS_PIN = /^sha256\/[A-Za-z0-9+/]{43}=$/;

function refuseSameIds(entries: readonly { readonly id: string }[], context: z.RefinementCtx): void {
  entries.forEach(({ id }, index) => {
    if (entries.findIndex((entry) => entry.id === id) === index) return;
    context.addIssue({ code: 'custom', path: [index, 'id'], message: `write an id of its own; ${id} stands above` });
  });
}

const Sections = z.strictObject({
  community: z.strictObject({
    street: Text,
    name: Text,
    phone: z.string().min(3),
    /** Where staff sit, for "collect at". */
    desk: Text,
    opens: ClockTime,
    closes: ClockTime,
    /** Estates (小区) of the community; they fill the address questions. */
    estates: z
      .array(z.strictObject({ id: z.string().regex(/^[a-z][a-z0-9-]*$/), name: Text }))
      .min(1)
      .superRefine(refuseSameIds),
  }),
  screen: z.strictObject({
    /** Physical width and height of the picture in millimetres. */
    widthMm: z.number().min(100).max(2000),
    heightMm: z.number().min(100).max(2000),
    widthPx: z.int().min(600).max(8000),
    heightPx: z.int().min(600).max(8000),
    /** `false` opens an ordinary window, for development. */
    kiosk: z.boolean().default(true),
  }),
  folders: z.strictObject({
    /** Keys and this file's neighbours (`/etc/yichuang`). */
    etc: z.string(),
    /** Store, materials, packages (`/var/lib/yichuang`). */
    data: z.string(),
    /** Memory-backed spool (`/run/yichuang`). */
    run: z.string(),
    /** JSON lines (`/var/log/yichuang`). */
    log: z.string(),
  }),
  /** The folder of the catalogue package that is installed. */
  catalogue: z.string(),
  devices: z.strictObject({
    idCard: z.strictObject({
      connection: ConnectionText,
      /** A vendor's program that decodes the photograph, for the worker who compares the face; without one there is none. */
      photoDecoder: z.string().startsWith('/', 'write the whole path of the program').optional(),
    }),
    receiptPrinter: z.strictObject({
      connection: ConnectionText,
      /** Paper width in millimetres. */
      paperMm: z.union([z.literal(58), z.literal(80)]),
      /** The Chinese characters of the printer's own font; any other is drawn by the terminal. */
      characters: z.enum(['gb2312', 'gb18030']).default('gb2312'),
    }),
    documentPrinter: z.strictObject({ connection: ConnectionText }),
    /** Absent on a terminal without one. Reached by `serial`, `tcp`, `hid` (HID-POS) or `keyboard`. */
    scanner: z.strictObject({ connection: ConnectionText }).optional(),
    /** For materials; absent on a terminal without one. */
    camera: z.strictObject({ connection: ConnectionText }).optional(),
  }),
  /** How screens are read aloud. */
  speech: z
    .strictObject({
      /** The program that makes sound of words: espeak-ng, or one that takes the same arguments. */
      program: z.string().default('espeak-ng'),
    })
    .prefault({}),
  gateway: z.strictObject({
    /** HTTPS, or plain HTTP on loopback only. */
    url: z
      .url({ protocol: /^https?$/ })
      .regex(
        /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?(\/|$))/,
        'plain http is for loopback only; write https://',
      ),
    /**
     * Keys of the gateway's certificate, as `yichuang gateway tls-pin` prints them (RFC 7469): whoever holds one is the gateway, whatever
     * the certificate's dates and issuer, and nobody else is. Without them the system's authorities vouch for it.
     */
    tlsPins: z.array(z.string().regex(TLS_PIN, 'write what `yichuang gateway tls-pin` prints')).min(1).optional(),
    /** Seconds between two looks for work when nothing is waiting. */
    idleSeconds: z.number().min(0.2).max(600).default(60),
    /** The algorithms to enrol with: `national` for SM2, SM3 and SM4. A terminal that is enrolled keeps its own. */
    suite: Suite.default('standard'),
    /** What requests may carry up, and packages down, in a second on average, in bytes of their content; without it as much as the line takes. */
    bytesPerSecond: z.int().min(500).max(1_000_000_000).optional(),
    /** How many days the district's backups reach back: for so long it can ask for entries that it has acknowledged. */
    backupHorizonDays: z.int().min(1).max(3650).default(35),
    /** How many days, by the gateway's time, until the terminal's key changes by itself. */
    keyDays: z.int().min(1).max(3650).default(365),
  }),
  /** Workers who may confirm at this terminal: a name to show and the scrypt hash of the PIN (`yichuang staff hash-pin`). */
  staff: z
    .array(z.strictObject({ id: z.string().regex(/^[a-z0-9-]+$/), name: z.string().min(1), pinHash: PinHash }))
    .min(1)
    .superRefine(refuseSameIds),
});

// Not on `community`, of which the shell picks keys: zod picks none from an object with a check.
/** `terminal.yaml`: everything that a vendor sets for one terminal. Paths may be relative to the file. */
export const Configuration = Sections.refine(({ community }) => community.opens < community.closes, {
  path: ['community', 'closes'],
  message: 'write a time after that of `opens`',
}).refine(({ gateway }) => gateway.tlsPins === undefined || gateway.url.startsWith('https://'), {
  path: ['gateway', 'tlsPins'],
  message: 'plain http has no key to pin; write https:// in `url`',
});
export type Configuration = z.infer<typeof Configuration>;

/** What provisioning leaves on the terminal: who it is, and to whom it seals (sync.md, Enrol). */
export const Identity = z
  .strictObject({
    terminalId: z.uuid(),
    region: z.string().regex(/^\d{6}$/),
    /** Four digits, unique within the region; it stands in receipt numbers. */
    code: z.string().regex(/^\d{4}$/),
    /** An identity of the first release names none. */
    suite: Suite.default('standard'),
    /** The district's public key, to which day keys are sealed: X25519 or SM2, in the form of {@link suites}. */
    districtKey: z.string(),
    districtKeyId: z.string(),
    /** The gateway's public key: Ed25519 or SM2. */
    gatewayKey: z.string(),
    epoch: z.string(),
  })
  .refine(({ suite, districtKey }) => suites[suite].publicKey.test(districtKey), { path: ['districtKey'] })
  .refine(({ suite, gatewayKey }) => suites[suite].publicKey.test(gatewayKey), { path: ['gatewayKey'] });
export type Identity = z.infer<typeof Identity>;

/** An identity as it travels and rests: a standard one names no suite, so that the first release reads it too. */
export function writtenIdentity({ suite, ...rest }: Identity): z.input<typeof Identity> {
  return suite === 'standard' ? rest : { suite, ...rest };
}
