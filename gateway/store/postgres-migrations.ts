import { partitioned, partitionsOf, vacuumedAtOnce } from './postgres-partitions.ts';

/** Identifiers: compared byte by byte, so that no other release of the C library sorts an index anew. */
const ID = 'text COLLATE "C" NOT NULL';
const CHAIN = `region ${ID}, terminal ${ID}, incarnation bigint NOT NULL`;

/** Numbered and only ever added to; `gateway_migrations` names those that were applied. The tables are those of SQLite. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE facts (name text PRIMARY KEY, value text NOT NULL);

  CREATE TABLE terminals (
    id ${ID} PRIMARY KEY,
    region ${ID},
    code text NOT NULL,
    suite text NOT NULL CHECK (suite IN ('standard', 'national')),
    public_key ${ID} UNIQUE,
    state text NOT NULL CHECK (state IN ('active', 'revoked')),
    enrolled_at timestamptz NOT NULL,
    UNIQUE (region, code)
  );

  CREATE TABLE enrol_codes (
    hash ${ID} PRIMARY KEY,
    region ${ID},
    expires_at timestamptz NOT NULL,
    terminal text COLLATE "C" REFERENCES terminals (id)
  );

  CREATE TABLE heads (
    ${CHAIN},
    contiguous_seq bigint NOT NULL,
    head_hash text NOT NULL,
    computed_hash text,
    max_seq bigint NOT NULL,
    intake_seq bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (region, terminal, incarnation)
  );
  CREATE INDEX heads_for_intake ON heads (terminal, incarnation) WHERE intake_seq < contiguous_seq;

  -- A row for each terminal, locked by the intake worker that has its entries in hand. Apart from terminals, whose rows
  -- batches lock.
  CREATE TABLE intake_turns (terminal ${ID} PRIMARY KEY REFERENCES terminals (id));

  -- Stored, held (beyond the head) and broken (in quarantine for its link) entries.
  CREATE TABLE entries (
    ${CHAIN},
    seq bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('stored', 'broken')),
    id text NOT NULL,
    kind text NOT NULL,
    catalogue text NOT NULL,
    body bytea NOT NULL,
    body_hash text NOT NULL,
    prev_hash text NOT NULL,
    hash text NOT NULL,
    wall text NOT NULL,
    monotonic_ms bigint NOT NULL,
    boot text NOT NULL,
    server_offset_ms bigint,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (region, terminal, incarnation, seq)
  ) PARTITION BY HASH (terminal);
  ${partitioned('entries')}

  -- Apart from the entries: erasing a person's data deletes here, and the chain still verifies (R40).
  CREATE TABLE wrapped_keys (
    ${CHAIN},
    seq bigint NOT NULL,
    case_key ${ID},
    day_key ${ID},
    nonce text NOT NULL,
    data text NOT NULL,
    PRIMARY KEY (region, terminal, incarnation, seq, case_key, day_key)
  ) PARTITION BY HASH (terminal);
  ${partitioned('wrapped_keys')}

  -- Never deleted; resolved_at says when the intake found an entry to be good after all.
  CREATE TABLE quarantine (
    ${CHAIN},
    seq bigint NOT NULL,
    fingerprint ${ID},
    found_by text NOT NULL CHECK (found_by IN ('gateway', 'intake')),
    code text NOT NULL,
    takes_place boolean NOT NULL,
    hash text NOT NULL,
    computed_hash text,
    line text,
    keys text,
    found_at timestamptz NOT NULL,
    resolved_at timestamptz,
    PRIMARY KEY (region, terminal, incarnation, seq, fingerprint)
  );

  -- As received: sealed to the district.
  CREATE TABLE day_keys (
    region ${ID},
    terminal ${ID},
    day_key ${ID},
    district_key_id text NOT NULL,
    enc text NOT NULL,
    data text NOT NULL,
    PRIMARY KEY (region, terminal, day_key)
  );

  -- For the desk, written by the intake worker; nothing personal (see the same table in SQLite).
  CREATE TABLE cases (
    region ${ID},
    terminal ${ID},
    case_id ${ID},
    entry_id text NOT NULL,
    receipt_number text NOT NULL,
    item text NOT NULL,
    accepted_at text NOT NULL,
    state text NOT NULL CHECK (state IN ('accepted', 'verified', 'refused')),
    rating integer CHECK (rating BETWEEN 1 AND 5),
    rated_by text,
    PRIMARY KEY (region, terminal, case_id)
  );
  CREATE INDEX cases_by_receipt ON cases (receipt_number);

  CREATE TABLE heartbeats (
    terminal ${ID} PRIMARY KEY REFERENCES terminals (id),
    beat text NOT NULL,
    received_at timestamptz NOT NULL
  );
  `,
  `
  CREATE INDEX entries_broken ON entries (terminal, incarnation) WHERE state = 'broken';
  `,
  // Never changed or deleted (contract/anchors.ts). Times are text: they are hashed as they stand.
  `
  CREATE TABLE anchor_days (
    suite text NOT NULL CHECK (suite IN ('standard', 'national')),
    day ${ID},
    epoch text NOT NULL,
    taken_at text NOT NULL,
    previous_digest text NOT NULL,
    digest text NOT NULL,
    public_key text NOT NULL,
    signature text NOT NULL,
    PRIMARY KEY (suite, day)
  );

  CREATE TABLE anchors (
    ${CHAIN},
    day ${ID},
    suite text NOT NULL CHECK (suite IN ('standard', 'national')),
    contiguous_seq bigint NOT NULL,
    head_hash text NOT NULL,
    PRIMARY KEY (region, terminal, incarnation, day)
  );
  CREATE INDEX anchors_by_day ON anchors (suite, day, region, terminal, incarnation);
  `,
  // See the same step in SQLite.
  `
  ALTER TABLE quarantine ADD COLUMN waits_for text COLLATE "C";
  ALTER TABLE quarantine ADD COLUMN look_again boolean NOT NULL DEFAULT false;
  ALTER TABLE heads ADD COLUMN look_again boolean NOT NULL DEFAULT false;
  CREATE INDEX quarantine_waiting ON quarantine (region, terminal, waits_for) WHERE waits_for IS NOT NULL;
  CREATE INDEX quarantine_again ON quarantine (region, terminal, incarnation, seq) WHERE look_again;
  DROP INDEX heads_for_intake;
  CREATE INDEX heads_for_intake ON heads (terminal, incarnation) WHERE look_again OR intake_seq < contiguous_seq;

  UPDATE quarantine SET look_again = true
    WHERE found_by = 'intake' AND code IN ('no-day-key', 'no-case') AND resolved_at IS NULL;
  UPDATE heads SET look_again = true FROM (SELECT DISTINCT region, terminal, incarnation FROM quarantine WHERE look_again) AS q
    WHERE heads.region = q.region AND heads.terminal = q.terminal AND heads.incarnation = q.incarnation;
  `,
  // Never changed or deleted: entries name their version.
  `
  CREATE TABLE catalogues (
    version ${ID} PRIMARY KEY,
    region ${ID},
    sequence bigint NOT NULL,
    date text NOT NULL,
    package bytea NOT NULL,
    added_at timestamptz NOT NULL
  );
  CREATE INDEX quarantine_no_catalogue ON quarantine (waits_for) WHERE code = 'no-catalogue' AND waits_for IS NOT NULL;
  `,
  // A null terminal means all of the region. Packages are read in parts: compressed, each part would cost the whole.
  `
  CREATE TABLE updates (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id ${ID} UNIQUE,
    region ${ID},
    terminal text COLLATE "C" REFERENCES terminals (id),
    content text NOT NULL,
    expires_at timestamptz NOT NULL,
    published_at timestamptz NOT NULL
  );

  CREATE TABLE update_outcomes (
    id ${ID} REFERENCES updates (id),
    terminal ${ID} REFERENCES terminals (id),
    outcome text NOT NULL CHECK (outcome IN ('done', 'expired', 'failed')),
    told_at timestamptz NOT NULL,
    PRIMARY KEY (id, terminal)
  );

  ALTER TABLE catalogues ALTER COLUMN package SET STORAGE EXTERNAL;
  `,
  `
  -- What signs no request any more; papers that it signed stay genuine. Never deleted.
  CREATE TABLE former_keys (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_key text NOT NULL UNIQUE,
    terminal ${ID} NOT NULL REFERENCES terminals (id),
    until text NOT NULL
  );
  CREATE INDEX former_keys_by_terminal ON former_keys (terminal, n);
  `,
  // See the same step in SQLite.
  `
  ALTER TABLE quarantine ADD COLUMN entry_id text COLLATE "C";
  CREATE INDEX quarantine_open ON quarantine (region, terminal, entry_id) WHERE found_by = 'gateway' AND resolved_at IS NULL;
  UPDATE quarantine SET entry_id = (SELECT id FROM entries e WHERE e.region = quarantine.region AND e.terminal = quarantine.terminal
      AND e.incarnation = quarantine.incarnation AND e.seq = quarantine.seq AND e.hash = quarantine.hash)
    WHERE found_by = 'gateway' AND code = 'chain';
  `,
  // See the same step in SQLite.
  `
  ALTER TABLE cases ADD COLUMN state_incarnation bigint NOT NULL DEFAULT 0;
  ALTER TABLE cases ADD COLUMN state_seq bigint NOT NULL DEFAULT 0;
  `,
  // See the same step in SQLite. What is erased stays in its table as a dead row until it is vacuumed.
  `
  CREATE TABLE erasures (
    region ${ID},
    terminal ${ID},
    entry_id ${ID},
    ordered_by text NOT NULL CHECK (ordered_by IN ('terminal', 'staff')),
    order_id text NOT NULL,
    erased_at timestamptz NOT NULL,
    PRIMARY KEY (region, terminal, entry_id)
  );
  CREATE INDEX entries_of_cases ON entries (terminal, (id COLLATE "C")) WHERE kind = 'case';
  ALTER TABLE quarantine ADD COLUMN claimed_id text COLLATE "C";
  UPDATE quarantine SET claimed_id = substring(line FROM '"id":"([0-9A-Fa-f-]{36})"') WHERE keys IS NOT NULL;
  CREATE INDEX quarantine_keys ON quarantine (terminal, claimed_id) WHERE keys IS NOT NULL;
  ${['quarantine', ...partitionsOf('wrapped_keys')].map(vacuumedAtOnce).join('\n')}
  `,
  // See the same step in SQLite.
  `
  CREATE TABLE gateway_successors (
    suite text NOT NULL CHECK (suite IN ('standard', 'national')),
    n integer NOT NULL,
    public_key text NOT NULL UNIQUE,
    valid_from text NOT NULL,
    signature text NOT NULL,
    PRIMARY KEY (suite, n)
  );

  CREATE INDEX quarantine_district_key ON quarantine (waits_for) WHERE code = 'district-key' AND waits_for IS NOT NULL;
  UPDATE quarantine SET look_again = true WHERE found_by = 'intake' AND code = 'district-key' AND resolved_at IS NULL;
  UPDATE heads SET look_again = true FROM (SELECT DISTINCT region, terminal, incarnation FROM quarantine WHERE look_again) AS q
    WHERE heads.region = q.region AND heads.terminal = q.terminal AND heads.incarnation = q.incarnation;
  `,
  // See the same step in SQLite. What is sealed does not compress.
  `
  CREATE TABLE materials (
    region ${ID},
    terminal ${ID},
    hash ${ID},
    incarnation bigint NOT NULL,
    seq bigint NOT NULL,
    bytes bigint NOT NULL,
    here bigint NOT NULL DEFAULT 0,
    touched_at timestamptz,
    whole boolean NOT NULL DEFAULT false,
    PRIMARY KEY (region, terminal, hash)
  );
  CREATE INDEX materials_touched ON materials (region, terminal, touched_at);
  CREATE INDEX materials_on_their_way ON materials (touched_at) WHERE NOT whole AND here > 0;

  CREATE TABLE material_parts (
    region ${ID},
    terminal ${ID},
    hash ${ID},
    start bigint NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (region, terminal, hash, start)
  ) PARTITION BY HASH (terminal);
  ${partitioned('material_parts')}
  ALTER TABLE material_parts ALTER COLUMN content SET STORAGE EXTERNAL;
  `,
  // archived_in: the first day of the month whose table has the body, where the entry's own is empty. What is sealed does not compress.
  `
  ALTER TABLE entries ADD COLUMN archived_in date;
  ALTER TABLE heads ADD COLUMN archived_seq bigint NOT NULL DEFAULT 0;
  CREATE TABLE archived_bodies (
    month date NOT NULL,
    ${CHAIN},
    seq bigint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (month, region, terminal, incarnation, seq)
  ) PARTITION BY RANGE (month);
  ALTER TABLE archived_bodies ALTER COLUMN body SET STORAGE EXTERNAL;
  `,
];
