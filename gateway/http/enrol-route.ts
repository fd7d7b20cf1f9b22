/** Enrolment: the one request that is not signed, since the gateway does not know the key yet. */
import type { FastifyInstance } from 'fastify';
import { writtenIdentity } from '#contract/configuration.ts';
import { unreachable } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import { EnrolRequest, limits, paths } from '#contract/wire.ts';
import { enrolCodeHash } from '../identity/codes.ts';
import type { DistrictKey } from '../identity/district.ts';
import { identityOf } from '../identity/identity.ts';
import type { GatewayKeys } from '../identity/keys.ts';
import type { GatewayStore } from '../store/store.ts';
import { isPublicKey } from '../suite/suite.ts';
import { parseJson, refuse } from './answers.ts';

export interface EnrolRouteOptions {
  readonly store: Pick<GatewayStore, 'enrol' | 'epoch'>;
  readonly keys: GatewayKeys;
  /** What terminals of a suite seal to at a time. */
  readonly district: (suite: Suite, at: Date) => DistrictKey;
  readonly now: () => Date;
  readonly newId: () => string;
}

export function enrolRoute(app: FastifyInstance, { store, keys, district, now, newId }: EnrolRouteOptions): void {
  app.post(paths.enrol, { bodyLimit: limits.enrolBytes }, async (request, reply) => {
    const asked = EnrolRequest.safeParse(parseJson(request.body));
    if (!asked.success) return refuse(reply, 'malformed', 'write {code, suite, publicKey}');
    const { code, suite, publicKey } = asked.data;
    if (!isPublicKey(suite, publicKey)) return refuse(reply, 'malformed', 'the public key is no point of the curve');
    const at = now();
    const result = await store.enrol(enrolCodeHash(code), { id: newId(), suite, publicKey, at });
    if (result.ok) {
      const given = { epoch: await store.epoch(), district: district(suite, at), keys, at };
      return writtenIdentity(identityOf(result.value, given));
    }
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
