/** What a terminal asks about its journal and tells of itself; every request is signed. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type BatchAnswer, type Cursor, Heartbeat, limits, paths } from '#contract/wire.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { GatewayStore, Terminal } from '../store/store.ts';
import { type AdmissionHooksOptions, onePerTerminal } from './admission-hooks.ts';
import { header, parseJson, refuse } from './answers.ts';
import { signedContent, signer } from './authentication.ts';
import { readBatch } from './batch.ts';

export interface JournalRoutesOptions extends AdmissionHooksOptions {
  readonly store: GatewayStore;
  readonly metrics: Pick<Metrics, 'taken'>;
  readonly now: () => Date;
  /** Called after the commit of a batch: there may be work for the intake. */
  readonly onBatch: () => void;
}

const CursorQuery = z.object({ incarnation: z.coerce.number().pipe(z.int().min(1)).optional() });

export function journalRoutes(app: FastifyInstance, options: JournalRoutesOptions): void {
  const { store, now, onBatch, admission, metrics } = options;

  async function cursor(terminal: Terminal, incarnation: number | null): Promise<Cursor> {
    const chain = await store.cursor(terminal, incarnation);
    return { ...chain, serverTime: now().toISOString(), maxBatch: limits.batchEntries };
  }

  /**
   * A terminal goes on above the newest incarnation that it hears of: whoever has its key could use up all that there are. After a backup was
   * restored it may be ahead by as many as it began since.
   */
  async function isTooFar(terminal: Terminal, incarnation: number): Promise<boolean> {
    if (incarnation <= 1 + limits.incarnationStep) return false;
    return incarnation > (await store.cursor(terminal, null)).incarnation + limits.incarnationStep;
  }

  app.get(paths.cursor, async (request, reply) => {
    const asked = CursorQuery.safeParse(request.query);
    if (!asked.success) return refuse(reply, 'malformed', 'incarnation is a number from 1');
    return cursor(signer(request), asked.data.incarnation ?? null);
  });

  app.post(paths.batches, { onRequest: onePerTerminal('batch', options) }, (request, reply) =>
    admission.work(async () => {
      const terminal = signer(request);
      const body = signedContent(request, reply);
      if (!body) return reply;
      const batch = readBatch(body, header(request, 'content-encoding'), terminal);
      if (!batch.ok) return refuse(reply, batch.error.code, batch.error.message);
      const incarnation = Math.max(...batch.value.map((item) => item.incarnation));
      if (await isTooFar(terminal, incarnation)) {
        return refuse(reply, 'malformed', `incarnation ${incarnation} is too far above the newest one here`);
      }
      const entries = await store.append(terminal, batch.value, now());
      metrics.taken(entries);
      onBatch();
      return { entries, cursor: await cursor(terminal, incarnation) } satisfies BatchAnswer;
    }),
  );

  app.post(paths.heartbeat, { bodyLimit: limits.heartbeatBytes }, async (request, reply) => {
    const body = signedContent(request, reply);
    if (!body) return reply;
    const beat = Heartbeat.safeParse(parseJson(body));
    if (!beat.success) return refuse(reply, 'malformed', 'this is no heartbeat');
    await store.heartbeat(signer(request), beat.data, now());
    return {};
  });
}
