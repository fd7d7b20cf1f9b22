/** Scanned materials come up in parts, by the hash of their sealed bytes. Every request is signed. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type MaterialProgress, materialPath } from '#contract/materials.ts';
import { suites } from '#contract/suite.ts';
import { limits } from '#contract/wire.ts';
import { materialBytes, type StoredProgress } from '../store/materials.ts';
import type { GatewayStore, Terminal } from '../store/store.ts';
import { type AdmissionHooksOptions, onePerTerminal } from './admission-hooks.ts';
import { refuse, refuseForNow } from './answers.ts';
import { signedContent, signer } from './authentication.ts';

export interface MaterialRoutesOptions extends AdmissionHooksOptions {
  readonly store: GatewayStore;
  readonly now: () => Date;
  /** Called when a material is whole: there may be work for the intake. */
  readonly onBatch: () => void;
}

/** What a terminal may send in a day, in bytes: a busy one scans half of it. Without a bound one alone could fill the district's disk. */
export const DAILY_BYTES = 1024 * 1024 * 1024;
const DAY_MS = 86_400_000;
/** Seconds after which one that has sent a day's bytes asks again. */
const ANOTHER_DAY_S = 3600;

const HASH = /^[0-9a-f]{64}$/;
const PartQuery = z.strictObject({ from: z.string().regex(/^\d{1,9}$/) });

export function materialRoutes(app: FastifyInstance, options: MaterialRoutesOptions): void {
  const { store, now, onBatch, admission } = options;
  const path = materialPath(':hash');
  const onRequest = onePerTerminal('material', options);

  /** Checks one of which everything is there; also one that a gateway which ended had no time to check. */
  async function settle(terminal: Terminal, hash: string, found: StoredProgress): Promise<boolean> {
    const sum = createHash(suites[terminal.suite].hash);
    for await (const part of materialBytes(store, terminal, hash, found.bytes)) sum.update(part);
    const isRight = sum.digest('hex') === hash;
    await store.settleMaterial(terminal, hash, isRight);
    if (isRight) onBatch();
    return isRight;
  }

  async function answer(reply: FastifyReply, terminal: Terminal, hash: string, found: StoredProgress | null) {
    if (!found) return refuse(reply, 'not-found', 'no entry of this terminal names such a material');
    const { bytes, here, isWhole } = found;
    if (here === bytes && !isWhole && !(await settle(terminal, hash, found))) {
      return refuse(reply, 'digest', 'the whole is not what its name says; it was thrown away');
    }
    return { bytes, here } satisfies MaterialProgress;
  }

  app.get(path, { onRequest }, (request, reply) =>
    admission.work(async () => {
      const terminal = signer(request);
      const hash = hashOf(request);
      return answer(reply, terminal, hash, await find(terminal, hash));
    }),
  );

  async function find(terminal: Terminal, hash: string): Promise<StoredProgress | null> {
    return HASH.test(hash) ? store.material(terminal, hash) : null;
  }

  app.post(path, { bodyLimit: limits.partBytes, onRequest }, (request, reply) =>
    admission.work(async () => {
      const terminal = signer(request);
      const content = signedContent(request, reply);
      if (!content) return reply;
      const asked = PartQuery.safeParse(request.query);
      if (!asked.success || content.length === 0) {
        return refuse(reply, 'malformed', 'send a part with ?from=, where it begins');
      }
      const hash = hashOf(request);
      const from = Number(asked.data.from);
      const before = await find(terminal, hash);
      // Told before it is kept: also of one that is whole nothing lies beyond its end.
      if (before && from + content.length > before.bytes) {
        return refuse(reply, 'range', `the material has ${before.bytes} bytes`);
      }
      if (before?.here !== from) return answer(reply, terminal, hash, before);
      const at = now();
      const taken = await store.materialBytesSince(terminal, new Date(at.getTime() - DAY_MS));
      if (taken + content.length > DAILY_BYTES) return refuseForNow(reply, ANOTHER_DAY_S);
      const found = await store.addMaterialPart(terminal, hash, { from, content }, at);
      return answer(reply, terminal, hash, found);
    }),
  );
}

function hashOf(request: FastifyRequest): string {
  return z.object({ hash: z.string() }).parse(request.params).hash;
}
