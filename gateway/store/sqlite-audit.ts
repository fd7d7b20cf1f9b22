import type { Database } from 'better-sqlite3';
import { type Anchor, type AnchorDay, FIRST_PREVIOUS_DIGEST } from '#contract/anchors.ts';
import type { Suite } from '#contract/suite.ts';
import type { Head } from '../journal/judge.ts';
import {
  ALERT_PLACES,
  type Alert,
  type AuditedPlace,
  type AuditStore,
  type Chain,
  type ChainClaims,
  GATEWAY_KEY,
  IN_QUARANTINE,
  type SignedAnchorDay,
  WAITS,
} from './audit.ts';

type QuarantineAlert = Extract<Alert, { kind: 'quarantine' }>;

type ChainKey = [region: string, terminal: string, incarnation: number];

const keyOf = ({ region, terminal, incarnation }: Chain): ChainKey => [region, terminal, incarnation];

/** What is checked and watched in SQLite. */
export function auditTables(db: Database): Omit<AuditStore, 'successors'> {
  return { ...chainTables(db), ...anchorTables(db), ...alertQueries(db) };
}

function chainTables(db: Database): Pick<AuditStore, 'nextChain' | 'claims' | 'places' | 'gatewayKey'> {
  const WHERE = 'region = ? AND terminal = ? AND incarnation = ?';
  // From each table one step along its key: nobody counts a million entries to find ten terminals.
  const step = (table: string) => `SELECT * FROM (SELECT region, terminal, incarnation FROM ${table}
    WHERE (region, terminal, incarnation) > (@region, @terminal, @incarnation)
    ORDER BY region, terminal, incarnation LIMIT 1)`;
  const nextChain = db.prepare<[Chain], Chain>(`
    ${['heads', 'entries', 'quarantine', 'anchors'].map(step).join(' UNION ALL ')}
    ORDER BY region, terminal, incarnation LIMIT 1`);
  const suiteOf = db.prepare<[string], Suite>('SELECT suite FROM terminals WHERE id = ?').pluck();
  const headOf = db.prepare<ChainKey, Head>(`SELECT contiguous_seq AS contiguousSeq, head_hash AS headHash,
    computed_hash AS computedHash, max_seq AS maxSeq FROM heads WHERE ${WHERE}`);
  const anchorsOf = db.prepare<ChainKey, { seq: number; hash: string }>(
    `SELECT contiguous_seq AS seq, head_hash AS hash FROM anchors WHERE ${WHERE}`,
  );
  const places = db.prepare<[Chain & { after: number; limit: number }], AuditedPlace>(`
    SELECT state, seq, id, kind, catalogue, body, body_hash AS bodyHash, prev_hash AS prevHash, hash, wall,
      monotonic_ms AS monotonicMs, boot, server_offset_ms AS serverOffsetMs, (SELECT group_concat(computed_hash)
        FROM quarantine q WHERE q.region = e.region AND q.terminal = e.terminal AND q.incarnation = e.incarnation
          AND q.seq = e.seq AND q.hash = e.hash) AS computedHashes, NULL AS line, NULL AS fingerprint
    FROM entries e WHERE region = @region AND terminal = @terminal AND incarnation = @incarnation AND seq > @after
    UNION ALL
    SELECT 'unfit', seq, NULL, NULL, NULL, NULL, NULL, NULL, hash, NULL, NULL, NULL, NULL, computed_hash, line, fingerprint
    FROM quarantine WHERE region = @region AND terminal = @terminal AND incarnation = @incarnation AND seq > @after
      AND takes_place = 1
    ORDER BY seq LIMIT @limit`);
  const fact = db.prepare<[string], string>('SELECT value FROM facts WHERE name = ?').pluck();

  const claims = db.transaction(
    (chain: Chain): ChainClaims => ({
      suite: suiteOf.get(chain.terminal) ?? null,
      head: headOf.get(...keyOf(chain)) ?? null,
      anchors: anchorsOf.all(...keyOf(chain)),
    }),
  );

  return {
    nextChain: async (after) => nextChain.get(after) ?? null,
    claims: async (chain) => claims(chain),
    places: async (chain, after, limit) => places.all({ ...chain, after, limit }),
    gatewayKey: async (suite) => fact.get(GATEWAY_KEY[suite]) ?? null,
  };
}

function anchorTables(db: Database): Pick<AuditStore, 'takeAnchors' | 'anchorDays' | 'anchors'> {
  const last = db.prepare<[Suite], Pick<SignedAnchorDay, 'day' | 'digest'>>(
    'SELECT day, digest FROM anchor_days WHERE suite = ? ORDER BY day DESC LIMIT 1',
  );
  const moved = db.prepare<[Suite], Anchor>(`
    SELECT heads.region, terminal, incarnation, contiguous_seq AS contiguousSeq, head_hash AS headHash
    FROM heads JOIN terminals ON terminals.id = heads.terminal
    WHERE suite = ? AND contiguous_seq > coalesce((SELECT max(a.contiguous_seq) FROM anchors a
      WHERE a.region = heads.region AND a.terminal = heads.terminal AND a.incarnation = heads.incarnation), 0)
    ORDER BY heads.region, terminal, incarnation`);
  const insertAnchor = db.prepare(`INSERT INTO anchors
      (region, terminal, incarnation, day, suite, contiguous_seq, head_hash) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const insertDay = db.prepare(`INSERT INTO anchor_days
      (suite, day, epoch, taken_at, previous_digest, digest, public_key, signature)
    VALUES (@suite, @day, @epoch, @takenAt, @previousDigest, @digest, @publicKey, @signature)`);
  const days = db.prepare<[Suite, string, number], SignedAnchorDay>(`
    SELECT suite, day, epoch, taken_at AS takenAt, previous_digest AS previousDigest, digest,
      public_key AS publicKey, signature
    FROM anchor_days WHERE suite = ? AND day > ? ORDER BY day LIMIT ?`);
  const anchors = db.prepare<[Suite, string], Anchor>(`
    SELECT region, terminal, incarnation, contiguous_seq AS contiguousSeq, head_hash AS headHash
    FROM anchors WHERE suite = ? AND day = ? ORDER BY region, terminal, incarnation`);

  type Take = AuditStore['takeAnchors'];
  const take = db.transaction((given: Parameters<Take>[0], seal: Parameters<Take>[1]): boolean => {
    const before = last.get(given.suite);
    if (before && before.day >= given.day) return false;
    const found = moved.all(given.suite);
    const day: AnchorDay = { ...given, previousDigest: before?.digest ?? FIRST_PREVIOUS_DIGEST };
    insertDay.run(seal(day, found));
    for (const { contiguousSeq, headHash, ...chain } of found) {
      insertAnchor.run(...keyOf(chain), day.day, day.suite, contiguousSeq, headHash);
    }
    return true;
  });

  return {
    takeAnchors: async (day, seal) => take.immediate(day, seal),
    anchorDays: async (suite, after, limit) => days.all(suite, after, limit),
    anchors: async (suite, day) => anchors.all(suite, day),
  };
}

function alertQueries(db: Database): Pick<AuditStore, 'alerts'> {
  const gaps = db.prepare<[string], Alert>(`
    SELECT * FROM (SELECT 'gap' AS kind, region, terminal, incarnation, contiguous_seq + 1 AS firstMissing, (SELECT min(at)
      FROM (SELECT received_at AS at FROM entries e WHERE e.region = h.region AND e.terminal = h.terminal
          AND e.incarnation = h.incarnation AND seq > h.contiguous_seq
        UNION ALL
        SELECT found_at FROM quarantine q WHERE q.region = h.region AND q.terminal = h.terminal
          AND q.incarnation = h.incarnation AND seq > h.contiguous_seq AND takes_place = 1)) AS since
    FROM heads h WHERE max_seq > contiguous_seq) WHERE since < ? ORDER BY region, terminal, incarnation`);
  const silent = db.prepare<[string], Alert>(`
    SELECT * FROM (SELECT 'silent' AS kind, region, id AS terminal, coalesce(received_at, enrolled_at) AS since
      FROM terminals LEFT JOIN heartbeats ON terminal = id WHERE state = 'active')
    WHERE since < ? ORDER BY region, terminal`);
  const quarantine = db.prepare<[string], Omit<QuarantineAlert, 'places'> & { places: string }>(`
    SELECT 'quarantine' AS kind, region, terminal, code, sum(held) AS entries, min(since) AS since,
      json_group_array(json_object('incarnation', incarnation, 'seq', seq) ORDER BY nth) FILTER (WHERE nth <= ${ALERT_PLACES}) AS places
    FROM (SELECT region, terminal, code, incarnation, seq, count(*) AS held, min(found_at) AS since,
        row_number() OVER (PARTITION BY region, terminal, code ORDER BY incarnation, seq) AS nth
      FROM quarantine q WHERE ${IN_QUARANTINE} AND NOT (${WAITS} AND found_at >= ?)
      GROUP BY region, terminal, code, incarnation, seq)
    GROUP BY region, terminal, code ORDER BY region, terminal, code`);

  const alerts = db.transaction((gapBefore: string, silentBefore: string) => [
    ...gaps.all(gapBefore),
    ...silent.all(silentBefore),
    ...quarantine
      .all(gapBefore)
      .map((row): Alert => ({ ...row, places: JSON.parse(row.places) as QuarantineAlert['places'] })),
  ]);
  return { alerts: async (gapBefore, silentBefore) => alerts(gapBefore.toISOString(), silentBefore.toISOString()) };
}
