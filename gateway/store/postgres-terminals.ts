import { err, ok, type Result } from '#contract/result.ts';
import type { Connections, Run } from './postgres-connections.ts';
import { LOCKS } from './postgres-statements.ts';
import type { EnrolRefusal, FormerKey, GatewayStore, NewTerminal, Terminal } from './store.ts';

type Part = Pick<
  GatewayStore,
  'addEnrolCodes' | 'enrol' | 'register' | 'terminal' | 'revoke' | 'readmit' | 'changeKey' | 'formerKeys' | 'heartbeat'
>;

const COLUMNS = 'id, region, code, suite, public_key AS "publicKey", state';

const statements = {
  // One registration at a time in the whole store: no number, no code and no key is given twice.
  turn: { name: 'registration-turn', text: `SELECT pg_advisory_xact_lock(${LOCKS.registration})` },
  byId: { name: 'terminal-by-id', text: `SELECT ${COLUMNS} FROM terminals WHERE id = $1` },
  byKey: { name: 'terminal-by-key', text: `SELECT ${COLUMNS} FROM terminals WHERE public_key = $1` },
  lastCode: {
    name: 'terminal-last-code',
    text: 'SELECT coalesce(max(code::integer), 0) AS number FROM terminals WHERE region = $1',
  },
  insert: {
    name: 'terminal-insert',
    text: `INSERT INTO terminals (id, region, code, suite, public_key, state, enrolled_at)
      VALUES ($1, $2, $3, $4, $5, 'active', $6)`,
  },
  insertTurn: { name: 'terminal-insert-turn', text: 'INSERT INTO intake_turns (terminal) VALUES ($1)' },
  setState: { name: 'terminal-state', text: 'UPDATE terminals SET state = $2 WHERE id = $1 RETURNING id' },
  former: { name: 'key-former', text: 'SELECT terminal FROM former_keys WHERE public_key = $1' },
  formerOf: {
    name: 'keys-former',
    text: 'SELECT public_key AS "publicKey", until FROM former_keys WHERE terminal = $1 ORDER BY n',
  },
  addFormer: {
    name: 'key-former-add',
    text: 'INSERT INTO former_keys (public_key, terminal, until) VALUES ($1, $2, $3)',
  },
  setKey: { name: 'terminal-key', text: 'UPDATE terminals SET public_key = $2 WHERE id = $1' },
  addCodes: {
    name: 'codes-add',
    text: 'INSERT INTO enrol_codes (hash, region, expires_at) SELECT unnest($1::text[]), $2::text, $3::timestamptz',
  },
  code: {
    name: 'code-find',
    text: 'SELECT region, terminal FROM enrol_codes WHERE hash = $1 AND expires_at > $2',
  },
  useCode: { name: 'code-use', text: 'UPDATE enrol_codes SET terminal = $1 WHERE hash = $2' },
  beat: {
    name: 'heartbeat',
    text: `INSERT INTO heartbeats (terminal, beat, received_at) VALUES ($1, $2, $3)
      ON CONFLICT (terminal) DO UPDATE SET beat = excluded.beat, received_at = excluded.received_at`,
  },
} as const;

/** Terminals, one-time codes and heartbeats in PostgreSQL. */
export function terminalTables({ run, transaction }: Connections): Part {
  return {
    async addEnrolCodes(hashes, region, expiresAt) {
      await run(statements.addCodes, [hashes, region, expiresAt]);
    },
    enrol: (codeHash, terminal) =>
      transaction(async (run) => {
        await run(statements.turn, []);
        const [found] = await run<{ region: string; terminal: string | null }>(statements.code, [
          codeHash,
          terminal.at,
        ]);
        if (!found) return err('code');
        if (found.terminal !== null) {
          const [user] = await run<Terminal>(statements.byId, [found.terminal]);
          if (user?.publicKey !== terminal.publicKey) return err('code');
        }
        const result = await registered(run, found.region, terminal);
        if (result.ok) await run(statements.useCode, [result.value.id, codeHash]);
        return result;
      }),
    register: (region, terminal) =>
      transaction(async (run) => {
        await run(statements.turn, []);
        return registered(run, region, terminal);
      }),
    terminal: async (id) => (await run<Terminal>(statements.byId, [id]))[0] ?? null,
    revoke: async (id) => (await run(statements.setState, [id, 'revoked'])).length === 1,
    readmit: async (id) => (await run(statements.setState, [id, 'active'])).length === 1,
    changeKey: (asking, publicKey, at) =>
      transaction(async (run) => {
        await run(statements.turn, []);
        const { id } = asking;
        const [terminal] = await run<Terminal>(statements.byId, [id]);
        if (terminal?.publicKey === publicKey) return ok();
        if (terminal?.publicKey !== asking.publicKey) return err('signature');
        const users = [...(await run(statements.byKey, [publicKey])), ...(await run(statements.former, [publicKey]))];
        if (users.length > 0) return err('taken');
        await run(statements.addFormer, [asking.publicKey, id, at.toISOString()]);
        await run(statements.setKey, [id, publicKey]);
        return ok();
      }),
    formerKeys: (terminal) => run<FormerKey>(statements.formerOf, [terminal]),
    async heartbeat(terminal, heartbeat, at) {
      await run(statements.beat, [terminal.id, JSON.stringify(heartbeat), at]);
    },
  };
}

async function registered(
  run: Run,
  region: string,
  { id, suite, publicKey, at }: NewTerminal,
): Promise<Result<Terminal, EnrolRefusal>> {
  const [known] = await run<Terminal>(statements.byKey, [publicKey]);
  const [former] = await run(statements.former, [publicKey]);
  if (known?.state === 'revoked' || former) return err('revoked');
  if (known) return known.region === region ? ok(known) : err('code');
  const [last] = await run<{ number: number }>(statements.lastCode, [region]);
  const number = (last?.number ?? 0) + 1;
  if (number > 9999) return err('full');
  const terminal = { id, region, code: String(number).padStart(4, '0'), suite, publicKey };
  await run(statements.insert, [id, region, terminal.code, suite, publicKey, at]);
  await run(statements.insertTurn, [id]);
  return ok({ ...terminal, state: 'active' });
}
