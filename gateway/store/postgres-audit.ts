import { type Anchor, type AnchorDay, FIRST_PREVIOUS_DIGEST } from '#contract/anchors.ts';
import type { Suite } from '#contract/suite.ts';
import type { Head } from '../journal/judge.ts';
import {
  ALERT_PLACES,
  type Alert,
  type AuditedPlace,
  type AuditStore,
  type Chain,
  GATEWAY_KEY,
  IN_QUARANTINE,
  type SignedAnchorDay,
  WAITS,
} from './audit.ts';
import { bodyOf } from './postgres-archive.ts';
import type { Connections } from './postgres-connections.ts';
import { LOCKS, transposed } from './postgres-statements.ts';

const CHAIN = 'region = $1 AND terminal = $2 AND incarnation = $3';
// From each table one step along its key: nobody counts a million entries to find ten terminals.
const step = (table: string) => `(SELECT region, terminal, incarnation FROM ${table}
  WHERE (region, terminal, incarnation) > ($1, $2, $3::bigint) ORDER BY region, terminal, incarnation LIMIT 1)`;

const statements = {
  nextChain: {
    name: 'next-chain',
    text: `${['heads', 'entries', 'quarantine', 'anchors'].map(step).join(' UNION ALL ')}
      ORDER BY region, terminal, incarnation LIMIT 1`,
  },
  suite: { name: 'suite-of', text: 'SELECT suite FROM terminals WHERE id = $1' },
  head: {
    name: 'head-of',
    text: `SELECT contiguous_seq AS "contiguousSeq", head_hash AS "headHash", computed_hash AS "computedHash",
      max_seq AS "maxSeq" FROM heads WHERE ${CHAIN}`,
  },
  anchorsOf: {
    name: 'anchors-of',
    text: `SELECT contiguous_seq AS seq, head_hash AS hash FROM anchors WHERE ${CHAIN}`,
  },
  places: {
    name: 'audited-places',
    text: `SELECT state, seq, id, kind, catalogue, ${bodyOf('e')} AS body, body_hash AS "bodyHash", prev_hash AS "prevHash", hash, wall,
        monotonic_ms AS "monotonicMs", boot, server_offset_ms AS "serverOffsetMs", (SELECT string_agg(computed_hash, ',')
          FROM quarantine q WHERE q.region = e.region AND q.terminal = e.terminal AND q.incarnation = e.incarnation
            AND q.seq = e.seq AND q.hash = e.hash) AS "computedHashes", NULL AS line, NULL AS fingerprint
      FROM entries e WHERE ${CHAIN} AND seq > $4
      UNION ALL
      SELECT 'unfit', seq, NULL, NULL, NULL, NULL::bytea, NULL, NULL, hash, NULL, NULL::bigint, NULL, NULL::bigint,
        computed_hash, line, fingerprint
      FROM quarantine WHERE ${CHAIN} AND seq > $4 AND takes_place
      ORDER BY seq LIMIT $5`,
  },
  gatewayKey: { name: 'gateway-key', text: 'SELECT value FROM facts WHERE name = $1' },
  turn: { name: 'anchors-turn', text: `SELECT pg_advisory_xact_lock(${LOCKS.anchors})` },
  lastDay: {
    name: 'anchors-last-day',
    text: 'SELECT day, digest FROM anchor_days WHERE suite = $1 ORDER BY day DESC LIMIT 1',
  },
  moved: {
    name: 'anchors-moved',
    text: `SELECT heads.region, terminal, incarnation, contiguous_seq AS "contiguousSeq", head_hash AS "headHash"
      FROM heads JOIN terminals ON terminals.id = heads.terminal
      WHERE suite = $1 AND contiguous_seq > coalesce((SELECT max(a.contiguous_seq) FROM anchors a
        WHERE a.region = heads.region AND a.terminal = heads.terminal AND a.incarnation = heads.incarnation), 0)
      ORDER BY heads.region, terminal, incarnation`,
  },
  insertAnchors: {
    name: 'anchors-insert',
    text: `INSERT INTO anchors (suite, day, region, terminal, incarnation, contiguous_seq, head_hash)
      SELECT $1::text, $2::text, given.*
      FROM unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[]) AS given`,
  },
  insertDay: {
    name: 'anchor-day-insert',
    text: `INSERT INTO anchor_days (suite, day, epoch, taken_at, previous_digest, digest, public_key, signature)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
  },
  days: {
    name: 'anchor-days',
    text: `SELECT suite, day, epoch, taken_at AS "takenAt", previous_digest AS "previousDigest", digest,
        public_key AS "publicKey", signature
      FROM anchor_days WHERE suite = $1 AND day > $2 ORDER BY day LIMIT $3`,
  },
  anchors: {
    name: 'anchors-of-day',
    text: `SELECT region, terminal, incarnation, contiguous_seq AS "contiguousSeq", head_hash AS "headHash"
      FROM anchors WHERE suite = $1 AND day = $2 ORDER BY region, terminal, incarnation`,
  },
  gaps: {
    name: 'alert-gaps',
    text: `SELECT 'gap' AS kind, region, terminal, incarnation, contiguous_seq + 1 AS "firstMissing", since
      FROM heads h, LATERAL (SELECT min(at) AS since
        FROM (SELECT received_at AS at FROM entries e WHERE e.region = h.region AND e.terminal = h.terminal
            AND e.incarnation = h.incarnation AND seq > h.contiguous_seq
          UNION ALL
          SELECT found_at FROM quarantine q WHERE q.region = h.region AND q.terminal = h.terminal
            AND q.incarnation = h.incarnation AND seq > h.contiguous_seq AND takes_place) AS beyond) AS oldest
      WHERE max_seq > contiguous_seq AND since < $1 ORDER BY region, terminal, incarnation`,
  },
  silent: {
    name: 'alert-silent',
    text: `SELECT 'silent' AS kind, region, id AS terminal, coalesce(received_at, enrolled_at) AS since
      FROM terminals LEFT JOIN heartbeats ON terminal = id
      WHERE state = 'active' AND coalesce(received_at, enrolled_at) < $1 ORDER BY region, id`,
  },
  quarantine: {
    name: 'alert-quarantine',
    text: `SELECT 'quarantine' AS kind, region, terminal, code, sum(held)::bigint AS entries, min(since) AS since,
        json_agg(json_build_object('incarnation', incarnation, 'seq', seq) ORDER BY nth) FILTER (WHERE nth <= ${ALERT_PLACES}) AS places
      FROM (SELECT region, terminal, code, incarnation, seq, count(*) AS held, min(found_at) AS since,
          row_number() OVER (PARTITION BY region, terminal, code ORDER BY incarnation, seq) AS nth
        FROM quarantine q WHERE ${IN_QUARANTINE} AND NOT (${WAITS} AND found_at >= $1)
        GROUP BY region, terminal, code, incarnation, seq) AS found
      GROUP BY region, terminal, code ORDER BY region, terminal, code COLLATE "C"`,
  },
} as const;

const keyOf = ({ region, terminal, incarnation }: Chain) => [region, terminal, incarnation];

/** What is checked and watched in PostgreSQL. */
export function auditTables(connections: Connections): Omit<AuditStore, 'successors'> {
  const { run } = connections;
  return {
    ...anchorTables(connections),
    nextChain: async (after) => (await run<Chain>(statements.nextChain, keyOf(after)))[0] ?? null,
    async claims(chain) {
      // Anchors before the head, which only moves on.
      const anchors = await run<{ seq: number; hash: string }>(statements.anchorsOf, keyOf(chain));
      const [head] = await run<Head>(statements.head, keyOf(chain));
      const [terminal] = await run<{ suite: Suite }>(statements.suite, [chain.terminal]);
      return { suite: terminal?.suite ?? null, head: head ?? null, anchors };
    },
    places: (chain, after, limit) => run<AuditedPlace>(statements.places, [...keyOf(chain), after, limit]),
    gatewayKey: async (suite) =>
      (await run<{ value: string }>(statements.gatewayKey, [GATEWAY_KEY[suite]]))[0]?.value ?? null,
    async alerts(gapBefore, silentBefore) {
      type Row = Omit<Alert, 'since'> & { readonly since: Date };
      const rows = [
        ...(await run<Row>(statements.gaps, [gapBefore])),
        ...(await run<Row>(statements.silent, [silentBefore])),
        ...(await run<Row>(statements.quarantine, [gapBefore])),
      ];
      return rows.map((row) => ({ ...row, since: row.since.toISOString() }) as Alert);
    },
  };
}

function anchorTables({ run, transaction }: Connections): Pick<AuditStore, 'takeAnchors' | 'anchorDays' | 'anchors'> {
  return {
    takeAnchors: (given, seal) =>
      transaction(async (run) => {
        await run(statements.turn, []);
        const [before] = await run<Pick<SignedAnchorDay, 'day' | 'digest'>>(statements.lastDay, [given.suite]);
        if (before && before.day >= given.day) return false;
        const found = await run<Anchor>(statements.moved, [given.suite]);
        const day: AnchorDay = { ...given, previousDigest: before?.digest ?? FIRST_PREVIOUS_DIGEST };
        const { digest, publicKey, signature } = seal(day, found);
        const rest = [day.epoch, day.takenAt, day.previousDigest, digest, publicKey, signature];
        await run(statements.insertDay, [day.suite, day.day, ...rest]);
        if (found.length > 0) {
          const rows = found.map((anchor) => [...keyOf(anchor), anchor.contiguousSeq, anchor.headHash]);
          await run(statements.insertAnchors, [day.suite, day.day, ...transposed(rows)]);
        }
        return true;
      }),
    anchorDays: (suite, after, limit) => run<SignedAnchorDay>(statements.days, [suite, after, limit]),
    anchors: (suite, day) => run<Anchor>(statements.anchors, [suite, day]),
  };
}
