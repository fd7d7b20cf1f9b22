/** A terminal puts another key in the place of its own. */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { unreachable } from '#contract/result.ts';
import { KeyRequest, keyProofText, paths } from '#contract/wire.ts';
import type { GatewayStore, Terminal } from '../store/store.ts';
import { isPublicKey, isSigned } from '../suite/suite.ts';
import { parseJson, refuse } from './answers.ts';
import { signedContent, signer } from './authentication.ts';

export interface KeyRouteOptions {
  readonly store: Pick<GatewayStore, 'changeKey'>;
  readonly log: FastifyBaseLogger;
  readonly now: () => Date;
}

/**
 * The new key counts at once, and the old one no more. A terminal whose answer was lost is refused under the old key, asks again under the
 * new one, and hears the same: whichever of the two it still has, it finds out.
 */
export function keyRoute(app: FastifyInstance, { store, log, now }: KeyRouteOptions): void {
  app.post(paths.key, async (request, reply) => {
    const terminal = signer(request);
    const body = signedContent(request, reply);
    if (!body) return reply;
    const asked = KeyRequest.safeParse(parseJson(body));
    if (!asked.success) return refuse(reply, 'malformed', 'write {publicKey, proof}');
    if (!hasKey(terminal, asked.data))
      return refuse(reply, 'malformed', 'the proof is not of this key for this terminal');
    const changed = await store.changeKey(terminal, asked.data.publicKey, now());
    if (changed.ok) {
      log.info({ terminal: terminal.id }, 'a terminal has another key');
      return {};
    }
    switch (changed.error) {
      case 'signature':
        return refuse(reply, 'signature', 'another key has taken the place of this one');
      case 'taken':
        return refuse(reply, 'malformed', 'this key is or was in use');
      default:
        return unreachable(changed.error);
    }
  });
}

/** Whether who asks has the new key; who signs with it does. */
function hasKey({ id, suite, publicKey: present }: Terminal, { publicKey, proof }: KeyRequest): boolean {
  if (publicKey === present) return true;
  if (!isPublicKey(suite, publicKey)) return false;
  return isSigned(suite, keyProofText(id, present, publicKey), Buffer.from(proof, 'base64url'), publicKey);
}
