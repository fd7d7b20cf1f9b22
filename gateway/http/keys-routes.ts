/** The keys that followed those of the enrolment (docs/wire.md, Another gateway key). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DistrictKeyAnswer, GatewayKeysAnswer } from '#contract/keys.ts';
import { Suite } from '#contract/suite.ts';
import { paths } from '#contract/wire.ts';
import { refuse } from './answers.ts';
import { signer } from './authentication.ts';
import type { EnrolRouteOptions } from './enrol-route.ts';

const Query = z.strictObject({ suite: Suite.default('standard') });

/** For anyone: who was off for long believes no answer, may have a wrong clock, and checks the chain by itself. */
export function gatewayKeysRoute(app: FastifyInstance, { keys }: Pick<EnrolRouteOptions, 'keys'>): void {
  app.get(paths.gatewayKeys, async (request, reply) => {
    const asked = Query.safeParse(request.query);
    if (!asked.success) return refuse(reply, 'malformed', 'suite is standard or national');
    return { successors: [...keys[asked.data.suite].successors] } satisfies GatewayKeysAnswer;
  });
}

/** Under the gateway's signature, as every answer is. */
export function districtKeyRoute(
  app: FastifyInstance,
  { district, now }: Pick<EnrolRouteOptions, 'district' | 'now'>,
): void {
  app.get(paths.districtKey, async (request, reply) => {
    const { id, publicKey, from } = district(signer(request).suite, now());
    return reply.send({ id, publicKey, from } satisfies DistrictKeyAnswer);
  });
}
