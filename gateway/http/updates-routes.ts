/** What the district has for a terminal: the feed, what became of it, and packages by their hash. Every request is signed. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AnyUpdate, UpdateAck, type UpdatesAnswer } from '#contract/updates.ts';
import { limits, packagePath, paths } from '#contract/wire.ts';
import type { GatewayStore } from '../store/store.ts';
import { header, parseJson, refuse } from './answers.ts';
import { signedContent, signer } from './authentication.ts';

export interface UpdatesRoutesOptions {
  readonly store: Pick<GatewayStore, 'epoch' | 'updates' | 'acknowledge' | 'packagePart'>;
  readonly now: () => Date;
}

/** Updates of one answer. */
const PAGE = 100;

/** `after` names the store too: numbers of a store that was restored since say nothing, and everything is told again. */
const FeedQuery = z.strictObject({
  after: z
    .string()
    .regex(/^[\w-]{1,80}\.\d{1,15}$/)
    .optional(),
});
const RANGE = /^bytes=(\d{1,15})-(\d{1,15})?$/;
const SHA256 = /^[0-9a-f]{64}$/;

export function updatesRoutes(app: FastifyInstance, { store, now }: UpdatesRoutesOptions): void {
  app.get(paths.updates, async (request, reply) => {
    const asked = FeedQuery.safeParse(request.query);
    if (!asked.success) return refuse(reply, 'malformed', 'after is a cursor of an earlier answer');
    const epoch = await store.epoch();
    const [of, n] = asked.data.after?.split('.') ?? [];
    const after = of === epoch ? Number(n) : 0;
    const found = await store.updates(signer(request), after, PAGE, now());
    const updates = found.map(({ content }) => AnyUpdate.parse(JSON.parse(content)));
    return { updates, cursor: `${epoch}.${found.at(-1)?.n ?? after}` } satisfies UpdatesAnswer;
  });

  app.post(paths.updatesAck, async (request, reply) => {
    const body = signedContent(request, reply);
    if (!body) return reply;
    const ack = UpdateAck.safeParse(parseJson(body));
    if (!ack.success) return refuse(reply, 'malformed', 'write {id, outcome}');
    const { id, outcome } = ack.data;
    const isKnown = await store.acknowledge(signer(request), id, outcome, now());
    return isKnown ? {} : refuse(reply, 'not-found', 'there is no such update for this terminal');
  });

  app.get(packagePath(':sha256'), async (request, reply) => {
    const { sha256 } = z.object({ sha256: z.string() }).parse(request.params);
    const range = RANGE.exec(header(request, 'range') ?? '');
    if (!range) return refuse(reply, 'malformed', 'ask for a part: Range: bytes=FIRST-LAST');
    const from = Number(range[1]);
    const last = range[2] === undefined ? Number.POSITIVE_INFINITY : Number(range[2]);
    if (last < from) return refuse(reply, 'malformed', 'a range ends behind its beginning');
    // Beyond any package; a database counts no further.
    const start = Math.min(from, 2 ** 30);
    const found = SHA256.test(sha256)
      ? await store.packagePart(signer(request).region, sha256, start, Math.min(last - from + 1, limits.partBytes))
      : null;
    if (!found) return refuse(reply, 'not-found', 'this region has no such package');
    const { total, content } = found;
    if (content.length === 0) {
      reply.header('content-range', `bytes */${total}`);
      return refuse(reply, 'range', `the package has ${total} bytes`);
    }
    return reply
      .code(206)
      .header('content-type', 'application/octet-stream')
      .header('accept-ranges', 'bytes')
      .header('content-range', `bytes ${from}-${from + content.length - 1}/${total}`)
      .header('repr-digest', `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`)
      .send(content);
  });
}
