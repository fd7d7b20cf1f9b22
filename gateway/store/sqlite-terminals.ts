import type { Database } from 'better-sqlite3';
import { err, ok, type Result } from '#contract/result.ts';
import type { EnrolRefusal, FormerKey, GatewayStore, KeyRefusal, NewTerminal, Terminal } from './store.ts';

type Part = Pick<
  GatewayStore,
  'addEnrolCodes' | 'enrol' | 'register' | 'terminal' | 'revoke' | 'readmit' | 'changeKey' | 'formerKeys' | 'heartbeat'
>;

const COLUMNS = 'id, region, code, suite, public_key AS publicKey, state';

/** Terminals, one-time codes and heartbeats in SQLite. */
export function terminalTables(db: Database): Part {
  const byId = db.prepare<[string], Terminal>(`SELECT ${COLUMNS} FROM terminals WHERE id = ?`);
  const byKey = db.prepare<[string], Terminal>(`SELECT ${COLUMNS} FROM terminals WHERE public_key = ?`);
  const lastCode = db
    .prepare<[string], number | null>('SELECT max(CAST(code AS INTEGER)) FROM terminals WHERE region = ?')
    .pluck();
  const insert = db.prepare(`INSERT INTO terminals (id, region, code, suite, public_key, state, enrolled_at)
    VALUES (@id, @region, @code, @suite, @publicKey, 'active', @at)`);
  const setState = db.prepare<[Terminal['state'], string]>('UPDATE terminals SET state = ? WHERE id = ?');
  const former = db.prepare<[string], string>('SELECT terminal FROM former_keys WHERE public_key = ?').pluck();
  const formerOf = db.prepare<[string], FormerKey>(
    'SELECT public_key AS publicKey, until FROM former_keys WHERE terminal = ? ORDER BY n',
  );
  const addFormer = db.prepare('INSERT INTO former_keys (public_key, terminal, until) VALUES (?, ?, ?)');
  const setKey = db.prepare('UPDATE terminals SET public_key = ? WHERE id = ?');
  const addCode = db.prepare('INSERT INTO enrol_codes (hash, region, expires_at) VALUES (?, ?, ?)');
  const code = db.prepare<[string, number], { region: string; terminal: string | null }>(
    'SELECT region, terminal FROM enrol_codes WHERE hash = ? AND expires_at > ?',
  );
  const useCode = db.prepare('UPDATE enrol_codes SET terminal = ? WHERE hash = ?');
  const beat = db.prepare(`INSERT INTO heartbeats (terminal, beat, received_at) VALUES (?, ?, ?)
    ON CONFLICT (terminal) DO UPDATE SET beat = excluded.beat, received_at = excluded.received_at`);

  function registered(region: string, { id, suite, publicKey, at }: NewTerminal): Result<Terminal, EnrolRefusal> {
    const known = byKey.get(publicKey);
    if (known?.state === 'revoked' || former.get(publicKey) !== undefined) return err('revoked');
    if (known) return known.region === region ? ok(known) : err('code');
    const number = (lastCode.get(region) ?? 0) + 1;
    if (number > 9999) return err('full');
    const terminal = { id, region, code: String(number).padStart(4, '0'), suite, publicKey };
    insert.run({ ...terminal, at: at.toISOString() });
    return ok({ ...terminal, state: 'active' });
  }

  const enrol = db.transaction((codeHash: string, terminal: NewTerminal): Result<Terminal, EnrolRefusal> => {
    const found = code.get(codeHash, terminal.at.getTime());
    if (!found) return err('code');
    if (found.terminal !== null && byId.get(found.terminal)?.publicKey !== terminal.publicKey) return err('code');
    const result = registered(found.region, terminal);
    if (result.ok) useCode.run(result.value.id, codeHash);
    return result;
  });
  const register = db.transaction(registered);
  const changeKey = db.transaction((asking: Terminal, publicKey: string, at: Date): Result<undefined, KeyRefusal> => {
    const { id } = asking;
    const present = byId.get(id)?.publicKey;
    if (present === publicKey) return ok();
    if (present !== asking.publicKey) return err('signature');
    if (byKey.get(publicKey) || former.get(publicKey) !== undefined) return err('taken');
    addFormer.run(present, id, at.toISOString());
    setKey.run(publicKey, id);
    return ok();
  });
  const addCodes = db.transaction((hashes: readonly string[], region: string, expiresAt: number) => {
    for (const hash of hashes) addCode.run(hash, region, expiresAt);
  });

  return {
    addEnrolCodes: async (hashes, region, expiresAt) => addCodes.immediate(hashes, region, expiresAt.getTime()),
    enrol: async (codeHash, terminal) => enrol.immediate(codeHash, terminal),
    register: async (region, terminal) => register.immediate(region, terminal),
    terminal: async (id) => byId.get(id) ?? null,
    revoke: async (id) => setState.run('revoked', id).changes === 1,
    readmit: async (id) => setState.run('active', id).changes === 1,
    changeKey: async (terminal, publicKey, at) => changeKey.immediate(terminal, publicKey, at),
    formerKeys: async (terminal) => formerOf.all(terminal),
    heartbeat: async (terminal, heartbeat, at) => {
      beat.run(terminal.id, JSON.stringify(heartbeat), at.toISOString());
    },
  };
}
