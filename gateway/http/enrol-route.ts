/** Enrolment: the one request that is not signed, since the gateway does not know the key yet. */
import type { FastifyInstance } from 'fastify';
import { writtenIdentity } from '#contract/configuration.ts';
import { unreachable } from '#contract/result.ts';
import { EnrolRequest, limits, paths } from '#contract/wire.ts';
import { enrolCodeHash } from '../identity/codes.ts';
import { identityOf } from '../identity/identity.ts';
import type { DistrictKeys, GatewayKeys } from '../identity/keys.ts';
import type { GatewayStore } from '../store/store.ts';
import { isPublicKey } from '../suite/suite.ts';
import { parseJson, refuse } from './answers.ts';

export interface EnrolRouteOptions {
  readonly store: Pick<GatewayStore, 'enrol' | 'epoch'>;
  readonly keys: GatewayKeys;
  readonly districts: DistrictKeys;
  readonly now: () => Date;
  readonly newId: () => string;
}

export function enrolRoute(app: FastifyInstance, { store, keys, districts, now, newId }: EnrolRouteOptions): void {
  app.post(paths.enrol, { bodyLimit: limits.enrolBytes }, async (request, reply) => {
    const asked = EnrolRequest.safeParse(parseJson(request.body));
    if (!asked.success) return refuse(reply, 'malformed', 'write {code, suite, publicKey}');
    const { code, suite, publicKey } = asked.data;
    if (!isPublicKey(suite, publicKey)) return refuse(reply, 'malformed', 'the public key is no point of the curve');
    const result = await store.enrol(enrolCodeHash(code), { id: newId(), suite, publicKey, at: now() });
    if (result.ok) return writtenIdentity(identityOf(result.value, await store.epoch(), districts, keys));
    switch (result.error) {
      case 'code':
        return refuse(reply, 'enrol-code', 'this code is unknown, used or older than 15 minutes');
      case 'revoked':
        return refuse(reply, 'revoked', "this terminal's key was revoked");
      case 'full':
        return refuse(reply, 'failed', 'the region has no terminal code left');
      default:
        return unreachable(result.error);
    }
  });
}
