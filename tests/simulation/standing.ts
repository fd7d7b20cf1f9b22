/** How terminals stand with the district: whom it has revoked, and by which key it knows each. */
import type { KeyObject } from 'node:crypto';
import type Database from 'better-sqlite3';
import { TERMINAL_HEADER } from '#contract/signatures.ts';
import { KeyRequest, paths, WireError } from '#contract/wire.ts';
import { rawPublicKey } from '#main/service/suite/suite.ts';
import { signedHeaders } from '#main/service/sync/signing.ts';
import type { SimulatedGateway } from './gateway.ts';
import type { Letter, Reply } from './network.ts';
import type { Site } from './site.ts';
import { sql } from './tables.ts';

const PROBE = { method: 'GET', path: paths.cursor, query: '?', content: null } as const;

export class Standing {
  /** Terminals that are revoked now. */
  readonly revoked = new Set<string>();
  /** Terminals that the gateway has ever told so. */
  readonly told = new Set<string>();
  /** Terminals that have changed their keys in a way that the last backup does not know: each finds back over one change, and not over two. */
  readonly changed = new Set<string>();
  readonly #raw = new WeakMap<KeyObject, string>();
  keyChanges = 0;

  /** Takes an answer of the gateway into the books. @returns what is wrong with it, in words; null when nothing is */
  heard({ headers, path }: Letter, { body, status }: Reply): string | null {
    const id = headers[TERMINAL_HEADER] ?? '';
    if (status === 200 && this.revoked.has(id)) return `gateway: ${id.slice(-4)} is revoked, and was answered`;
    if (status === 403 && WireError.parse(JSON.parse(body.toString('utf8'))).code === 'revoked') this.told.add(id);
    if (status === 200 && path === paths.key) {
      this.changed.add(id);
      this.keyChanges += 1;
    }
    return null;
  }

  /** No terminal may be locked out: the key by which the gateway knows it lies on its disk. */
  lockedOut(db: Database.Database, sites: readonly Site[]): string[] {
    const known = knownKeys(db);
    return sites
      .filter(({ terminal }) => terminal.service !== null)
      .filter((site) => !this.#own(site).some(({ raw }) => raw === known.get(site.terminal.identity.terminalId)))
      .map(({ terminal }) => `${terminal.name}: the gateway knows a key that is not there`);
  }

  /** A backup knows the key that a terminal has now, or still the one before, when the terminal was not heard since a restore. */
  backedUp(db: Database.Database, sites: readonly Site[]): void {
    const known = knownKeys(db);
    for (const { terminal } of sites) {
      const { terminalId } = terminal.identity;
      const present = terminal.service?.identity.keys.present;
      if (present && rawPublicKey(present) === known.get(terminalId)) this.changed.delete(terminalId);
    }
  }

  /** The gateway has taken a key: that one counts, and no other one of the terminal's. @returns what is wrong, in words */
  async tried(letter: Letter, o: { gateway: SimulatedGateway; now: Date; sites: readonly Site[] }): Promise<string[]> {
    const asked = KeyRequest.parse(JSON.parse(Buffer.from(letter.body ?? []).toString('utf8')));
    const id = letter.headers[TERMINAL_HEADER];
    const site = o.sites.find(({ terminal }) => terminal.identity.terminalId === id && terminal.service !== null);
    return site ? await this.refusals(site, asked.publicKey, o) : [];
  }

  /** @param present the key that counts */
  async refusals(site: Site, present: string, o: { gateway: SimulatedGateway; now: Date }): Promise<string[]> {
    const { name, identity } = site.terminal;
    const wrong: string[] = [];
    for (const { key, raw } of this.#own(site)) {
      const by = {
        suite: identity.suite,
        terminal: identity.terminalId,
        key,
        now: o.now,
        nonce: 'probe'.padEnd(24, '0'),
      };
      const { status } = await o.gateway.answer({ ...PROBE, headers: signedHeaders(PROBE, by), body: null });
      const isTaken = status === 200 || status === 403;
      if (isTaken !== (raw === present)) {
        wrong.push(`${name}: ${isTaken ? 'another key than its own is taken' : 'its key is refused'} (${status})`);
      }
    }
    return wrong;
  }

  #own({ terminal }: Site): { readonly key: KeyObject; readonly raw: string }[] {
    const keys = terminal.service?.identity.keys;
    if (!keys) return [];
    return [keys.present, keys.next, keys.former]
      .filter((key) => key !== null)
      .map((key) => {
        const raw = this.#raw.get(key) ?? rawPublicKey(key);
        this.#raw.set(key, raw);
        return { key, raw };
      });
  }
}

/** The public keys by which the gateway knows its terminals. */
function knownKeys(db: Database.Database): Map<string, string> {
  return new Map(
    sql<[], { id: string; publicKey: string }>(db, 'SELECT id, public_key AS publicKey FROM terminals')
      .all()
      .map(({ id, publicKey }) => [id, publicKey]),
  );
}
