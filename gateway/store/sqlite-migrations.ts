/**
 * Numbered and only ever added to; `user_version` counts those that were applied. The keys are those of the district's
 * PostgreSQL (sync.md, The district's store): they contain region and terminal, by which it is partitioned.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE terminals (
    id TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    code TEXT NOT NULL,
    public_key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
    enrolled_at TEXT NOT NULL,
    UNIQUE (region, code)
  ) STRICT;

  CREATE TABLE enrol_codes (
    hash TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    terminal TEXT REFERENCES terminals (id)
  ) STRICT;

  CREATE TABLE heads (
    region TEXT NOT NULL,
    terminal TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    contiguous_seq INTEGER NOT NULL,
    head_hash TEXT NOT NULL,
    computed_hash TEXT,
    max_seq INTEGER NOT NULL,
    intake_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (region, terminal, incarnation)
  ) STRICT;
  CREATE INDEX heads_for_intake ON heads (region, terminal, incarnation) WHERE intake_seq < contiguous_seq;

  -- Stored, held (beyond the head) and broken (in quarantine for its link) entries.
  CREATE TABLE entries (
    region TEXT NOT NULL,
    terminal TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('stored', 'broken')),
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    catalogue TEXT NOT NULL,
    body BLOB NOT NULL,
    body_hash TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    wall TEXT NOT NULL,
    monotonic_ms INTEGER NOT NULL,
    boot TEXT NOT NULL,
    server_offset_ms INTEGER,
    received_at TEXT NOT NULL,
    PRIMARY KEY (region, terminal, incarnation, seq)
  ) STRICT;

  -- Apart from the entries: erasing a person's data deletes here, and the chain still verifies (R40).
  CREATE TABLE wrapped_keys (
    region TEXT NOT NULL,
    terminal TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    case_key TEXT NOT NULL,
    day_key TEXT NOT NULL,
    nonce TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (region, terminal, incarnation, seq, case_key, day_key)
  ) STRICT;

  -- Never deleted; resolved_at says when the intake found an entry to be good after all.
  CREATE TABLE quarantine (
    region TEXT NOT NULL,
    terminal TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    found_by TEXT NOT NULL CHECK (found_by IN ('gateway', 'intake')),
    code TEXT NOT NULL,
    takes_place INTEGER NOT NULL CHECK (takes_place IN (0, 1)),
    hash TEXT NOT NULL,
    computed_hash TEXT,
    line TEXT,
    keys TEXT,
    found_at TEXT NOT NULL,
    resolved_at TEXT,
    PRIMARY KEY (region, terminal, incarnation, seq, fingerprint)
  ) STRICT;

  -- As received: sealed to the district.
  CREATE TABLE day_keys (
    region TEXT NOT NULL,
    terminal TEXT NOT NULL,
    day_key TEXT NOT NULL,
    district_key_id TEXT NOT NULL,
    enc TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (region, terminal, day_key)
  ) STRICT;

  -- For the desk, written by the intake worker; nothing personal. The receipt number is a label, never a key. entry_id and
  -- rated_by are entries: a terminal that begins a new incarnation may send one of them again at another place.
  CREATE TABLE cases (
    region TEXT NOT NULL,
    terminal TEXT NOT NULL,
    case_id TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    receipt_number TEXT NOT NULL,
    item TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'verified', 'refused')),
    rating INTEGER CHECK (rating BETWEEN 1 AND 5),
    rated_by TEXT,
    PRIMARY KEY (region, terminal, case_id)
  ) STRICT;
  CREATE INDEX cases_by_receipt ON cases (receipt_number);

  CREATE TABLE heartbeats (
    terminal TEXT PRIMARY KEY REFERENCES terminals (id),
    beat TEXT NOT NULL,
    received_at TEXT NOT NULL
  ) STRICT;
  `,
  // Those who enrolled before it spoke the standard suite.
  `
  ALTER TABLE terminals ADD COLUMN
    suite TEXT NOT NULL DEFAULT 'standard' CHECK (suite IN ('standard', 'national'));
  `,
  `
  CREATE INDEX entries_broken ON entries (region, terminal, incarnation) WHERE state = 'broken';
  `,
  // Never changed or deleted (contract/anchors.ts).
  `
  CREATE TABLE anchor_days (
    suite TEXT NOT NULL CHECK (suite IN ('standard', 'national')),
    day TEXT NOT NULL,
    epoch TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    previous_digest TEXT NOT NULL,
    digest TEXT NOT NULL,
    public_key TEXT NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (suite, day)
  ) STRICT;

  CREATE TABLE anchors (
    region TEXT NOT NULL,
    terminal TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    day TEXT NOT NULL,
    suite TEXT NOT NULL CHECK (suite IN ('standard', 'national')),
    contiguous_seq INTEGER NOT NULL,
    head_hash TEXT NOT NULL,
    PRIMARY KEY (region, terminal, incarnation, day)
  ) STRICT;
  CREATE INDEX anchors_by_day ON anchors (suite, day, region, terminal, incarnation);
  `,
  // What waits for a day key or a case says for which; a chain with entries to look at again says so at its head. What waited before
  // is looked at once more, and then says it.
  `
  ALTER TABLE quarantine ADD COLUMN waits_for TEXT;
  ALTER TABLE quarantine ADD COLUMN look_again INTEGER NOT NULL DEFAULT 0 CHECK (look_again IN (0, 1));
  ALTER TABLE heads ADD COLUMN look_again INTEGER NOT NULL DEFAULT 0 CHECK (look_again IN (0, 1));
  CREATE INDEX quarantine_waiting ON quarantine (region, terminal, waits_for) WHERE waits_for IS NOT NULL;
  CREATE INDEX quarantine_again ON quarantine (region, terminal, incarnation, seq) WHERE look_again = 1;
  DROP INDEX heads_for_intake;
  CREATE INDEX heads_for_intake ON heads (terminal, incarnation) WHERE look_again = 1 OR intake_seq < contiguous_seq;

  UPDATE quarantine SET look_again = 1
    WHERE found_by = 'intake' AND code IN ('no-day-key', 'no-case') AND resolved_at IS NULL;
  UPDATE heads SET look_again = 1 FROM (SELECT DISTINCT region, terminal, incarnation FROM quarantine WHERE look_again = 1) AS q
    WHERE heads.region = q.region AND heads.terminal = q.terminal AND heads.incarnation = q.incarnation;
  `,
  // Never changed or deleted: entries name their version.
  `
  CREATE TABLE catalogues (
    version TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    date TEXT NOT NULL,
    package BLOB NOT NULL,
    added_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX quarantine_no_catalogue ON quarantine (waits_for) WHERE code = 'no-catalogue' AND waits_for IS NOT NULL;
  `,
  // Times of expiry are milliseconds since 1970; a null terminal means all of the region.
  `
  CREATE TABLE updates (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    region TEXT NOT NULL,
    terminal TEXT REFERENCES terminals (id),
    content TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    published_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE update_outcomes (
    id TEXT NOT NULL REFERENCES updates (id),
    terminal TEXT NOT NULL REFERENCES terminals (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'expired', 'failed')),
    told_at TEXT NOT NULL,
    PRIMARY KEY (id, terminal)
  ) STRICT;
  `,
  `
  -- What signs no request any more; papers that it signed stay genuine. Never deleted.
  CREATE TABLE former_keys (
    n INTEGER PRIMARY KEY,
    public_key TEXT NOT NULL UNIQUE,
    terminal TEXT NOT NULL REFERENCES terminals (id),
    until TEXT NOT NULL
  ) STRICT;
  CREATE INDEX former_keys_by_terminal ON former_keys (terminal, n);
  `,
  // Which entry a row is of, when that is fit by itself: one that comes whole at another place, in a new incarnation, is settled too.
  `
  ALTER TABLE quarantine ADD COLUMN entry_id TEXT;
  CREATE INDEX quarantine_open ON quarantine (region, terminal, entry_id) WHERE found_by = 'gateway' AND resolved_at IS NULL;
  UPDATE quarantine SET entry_id = (SELECT id FROM entries e WHERE e.region = quarantine.region AND e.terminal = quarantine.terminal
      AND e.incarnation = quarantine.incarnation AND e.seq = quarantine.seq AND e.hash = quarantine.hash)
    WHERE found_by = 'gateway' AND code = 'chain';
  `,
  // Where the verification stands that a case's state is of: one that was written before it, and is looked at later, changes nothing.
  `
  ALTER TABLE cases ADD COLUMN state_incarnation INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE cases ADD COLUMN state_seq INTEGER NOT NULL DEFAULT 0;
  `,
  // Never deleted: an entry that is on this list gets no wrapped keys, however often it comes. claimed_id is the entry that a line in
  // quarantine says it is.
  `
  CREATE TABLE erasures (
    region TEXT NOT NULL,
    terminal TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    ordered_by TEXT NOT NULL CHECK (ordered_by IN ('terminal', 'staff')),
    order_id TEXT NOT NULL,
    erased_at TEXT NOT NULL,
    PRIMARY KEY (region, terminal, entry_id)
  ) STRICT;
  CREATE INDEX entries_of_cases ON entries (terminal, id) WHERE kind = 'case';
  ALTER TABLE quarantine ADD COLUMN claimed_id TEXT;
  UPDATE quarantine SET claimed_id = json_extract(line, '$.id') WHERE keys IS NOT NULL AND json_valid(line);
  CREATE INDEX quarantine_keys ON quarantine (terminal, claimed_id) WHERE keys IS NOT NULL;
  `,
  `
  -- Never changed or deleted: terminals that were off for long go from key to key, and anchors were signed by each (contract/keys.ts).
  CREATE TABLE gateway_successors (
    suite TEXT NOT NULL CHECK (suite IN ('standard', 'national')),
    n INTEGER NOT NULL,
    public_key TEXT NOT NULL UNIQUE,
    valid_from TEXT NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (suite, n)
  ) STRICT;

  -- What waits for a private key of the district. Before it was said for which, it is looked at once more.
  CREATE INDEX quarantine_district_key ON quarantine (waits_for) WHERE code = 'district-key' AND waits_for IS NOT NULL;
  UPDATE quarantine SET look_again = 1 WHERE found_by = 'intake' AND code = 'district-key' AND resolved_at IS NULL;
  UPDATE heads SET look_again = 1 FROM (SELECT DISTINCT region, terminal, incarnation FROM quarantine WHERE look_again = 1) AS q
    WHERE heads.region = q.region AND heads.terminal = q.terminal AND heads.incarnation = q.incarnation;
  `,
  // Materials that entries name, as received: sealed. incarnation and seq are an entry that names it, and whose wrapped key opens it; touched_at
  // is the time of the last part, in milliseconds since 1970.
  `
  CREATE TABLE materials (
    region TEXT NOT NULL,
    terminal TEXT NOT NULL,
    hash TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    here INTEGER NOT NULL DEFAULT 0,
    touched_at INTEGER,
    whole INTEGER NOT NULL DEFAULT 0 CHECK (whole IN (0, 1)),
    PRIMARY KEY (region, terminal, hash)
  ) STRICT;
  CREATE INDEX materials_touched ON materials (region, terminal, touched_at);
  CREATE INDEX materials_on_their_way ON materials (touched_at) WHERE whole = 0 AND here > 0;

  CREATE TABLE material_parts (
    region TEXT NOT NULL,
    terminal TEXT NOT NULL,
    hash TEXT NOT NULL,
    start INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (region, terminal, hash, start)
  ) STRICT;
  `,
];
