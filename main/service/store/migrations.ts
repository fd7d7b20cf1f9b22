/**
 * The store's schema as numbered steps that only add: tables, columns, indexes, never a change of what is there. So a release can
 * be rolled back: release N-1 runs on schema N, and each step records the least release that may open the store after it.
 */
export interface Migration {
  /** 1, 2, 3 ...: becomes `user_version`. */
  readonly version: number;
  readonly leastRelease: number;
  readonly sql: string;
}

/** Counts releases whose code reads the store differently: 2 knows entries that were compacted. */
export const RELEASE = 2;

/** Marks a file as a store of ours ('YiCh'). */
export const APPLICATION_ID = 0x59_69_43_68;

/** Times are ISO 8601 with `+08:00`; what could name a person is sealed (`sealed_*`) or a keyed blind index (`*_index`). */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    leastRelease: 1,
    sql: `
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

      -- Cases, one row each, written once; what happens to them later has tables of its own.
      CREATE TABLE accepted_case (
        n INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        item TEXT NOT NULL,
        catalogue TEXT NOT NULL,
        accepted_at TEXT NOT NULL,
        receipt_index BLOB NOT NULL UNIQUE,
        number_index BLOB,
        phone_index BLOB,
        retention_days INTEGER NOT NULL,
        sealed_record BLOB
      ) STRICT;
      CREATE INDEX case_by_number ON accepted_case (number_index);
      CREATE INDEX case_by_phone ON accepted_case (phone_index);

      CREATE TABLE verification (
        case_id TEXT PRIMARY KEY REFERENCES accepted_case (id),
        worker TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('confirmed', 'refused')),
        at TEXT NOT NULL
      ) STRICT;

      CREATE TABLE rating (
        case_id TEXT PRIMARY KEY REFERENCES accepted_case (id),
        level INTEGER CHECK (level BETWEEN 1 AND 5),
        reasons TEXT NOT NULL,
        at TEXT NOT NULL
      ) STRICT;

      -- The last receipt sequence given on a day.
      CREATE TABLE daily_counter (day TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;

      CREATE TABLE print_job (
        n INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        case_id TEXT NOT NULL REFERENCES accepted_case (id),
        document TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'printing', 'confirmed', 'unknown', 'failed', 'held')),
        detail TEXT NOT NULL,
        sealed_input BLOB,
        changed_at TEXT NOT NULL
      ) STRICT;
      CREATE INDEX print_job_by_case ON print_job (case_id);
      CREATE INDEX print_job_unfinished ON print_job (state) WHERE state <> 'confirmed';

      CREATE TABLE help_ticket (
        n INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        why TEXT NOT NULL CHECK (why IN ('called', 'verification', 'card-left-behind')),
        opened_at TEXT NOT NULL,
        worker TEXT,
        seen_at TEXT,
        closed_at TEXT
      ) STRICT;

      CREATE TABLE audit (
        n INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        event TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT NOT NULL
      ) STRICT;

      -- The journal. Only the last three columns ever change; from version 2 on a body may be emptied.
      CREATE TABLE entry (
        n INTEGER PRIMARY KEY,
        incarnation INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        catalogue TEXT NOT NULL,
        case_id TEXT,
        body BLOB NOT NULL,
        body_hash TEXT NOT NULL,
        prev_hash TEXT NOT NULL,
        hash TEXT NOT NULL,
        wall TEXT NOT NULL,
        monotonic_ms INTEGER NOT NULL,
        boot TEXT NOT NULL,
        server_offset_ms INTEGER,
        answer TEXT CHECK (answer IN ('stored', 'duplicate', 'quarantined', 'carried')),
        answer_code TEXT,
        answered_at TEXT,
        UNIQUE (incarnation, seq)
      ) STRICT;
      CREATE INDEX entry_by_id ON entry (id);
      CREATE INDEX entry_by_case ON entry (case_id) WHERE case_id IS NOT NULL;
      CREATE INDEX entry_unanswered ON entry (n) WHERE answer IS NULL;
      CREATE INDEX entry_quarantined ON entry (n) WHERE answer = 'quarantined';

      -- Case keys wrapped by a day key, outside the hashed bytes: deleting a row erases a body and leaves the chain whole.
      CREATE TABLE entry_key (
        n INTEGER PRIMARY KEY,
        entry_id TEXT NOT NULL,
        case_key TEXT NOT NULL UNIQUE,
        day_key TEXT NOT NULL,
        nonce BLOB NOT NULL,
        data BLOB NOT NULL
      ) STRICT;
      CREATE INDEX entry_key_by_entry ON entry_key (entry_id);
    `,
  },
  {
    version: 2,
    leastRelease: 1,
    sql: `
      -- When an entry lost its body (to x'') and its wrapped keys; null while it has them.
      ALTER TABLE entry ADD COLUMN compacted_at TEXT;
      CREATE INDEX entry_whole ON entry (answered_at) WHERE compacted_at IS NULL AND answer IN ('stored', 'duplicate');
      CREATE INDEX entry_compacted ON entry (incarnation, seq) WHERE compacted_at IS NOT NULL;

      -- Release 1 knows no compacted entries, and after a rewind would send an empty body: here they never wait again.
      CREATE TRIGGER compacted_entry_stays BEFORE UPDATE OF answer ON entry
      WHEN OLD.compacted_at IS NOT NULL AND NEW.answer IS NULL
      BEGIN SELECT RAISE(IGNORE); END;
    `,
  },
  {
    version: 3,
    leastRelease: 1,
    sql: `
      -- What the district published for this terminal, as it came; outcome is null until something has become of it.
      CREATE TABLE district_update (
        n INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        content TEXT NOT NULL,
        outcome TEXT CHECK (outcome IN ('done', 'expired', 'failed')),
        told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1))
      ) STRICT;
      CREATE INDEX district_update_open ON district_update (n) WHERE outcome IS NULL;
      CREATE INDEX district_update_untold ON district_update (n) WHERE outcome IS NOT NULL AND told = 0;
    `,
  },
  {
    version: 4,
    leastRelease: 1,
    sql: `
      -- Sealed materials that the journal names; their bytes lie in a folder under their hash. Removed when no wrapped key opens them.
      CREATE TABLE material (
        n INTEGER PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        case_id TEXT NOT NULL,
        case_key TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        delivered_at TEXT,
        damaged_at TEXT
      ) STRICT;
      CREATE INDEX material_by_case ON material (case_id);
      CREATE INDEX material_waiting ON material (n) WHERE delivered_at IS NULL AND damaged_at IS NULL;
      CREATE INDEX material_damaged ON material (n) WHERE damaged_at IS NOT NULL;
    `,
  },
];
