import type { z } from 'zod';
import { type Identity, writtenIdentity } from '#contract/configuration.ts';
import { type Provisioning, provisioningText } from '#contract/wire.ts';
import type { Terminal } from '../store/store.ts';
import type { DistrictKey } from './district.ts';
import type { GatewayKeys } from './keys.ts';

/** What a terminal needs to know of itself, the district and the gateway, whose keys are of its suite, as they are at a time. */
export function identityOf(
  terminal: Terminal,
  {
    epoch,
    district,
    keys,
    at,
  }: {
    readonly epoch: string;
    readonly district: DistrictKey;
    readonly keys: GatewayKeys;
    readonly at: Date;
  },
): Identity {
  const { suite } = terminal;
  return {
    terminalId: terminal.id,
    region: terminal.region,
    code: terminal.code,
    suite,
    districtKey: district.publicKey,
    districtKeyId: district.id,
    gatewayKey: keys[suite].publicKeyAt(at),
    epoch,
  };
}

/** The signed file that stands for an enrolment over the network. @throws Error in words without the key that signs */
export function provisioning(
  identity: Identity,
  terminalPublicKey: string,
  keys: GatewayKeys,
  at: Date,
): z.infer<typeof Provisioning> {
  const payload = JSON.stringify({ ...writtenIdentity(identity), terminalPublicKey });
  const key = keys[identity.suite].at(at);
  if (!key) throw new Error('the gateway key that signs now is not here: bring it');
  return { v: 1, payload, signature: key.sign(provisioningText(payload)).toString('base64url') };
}
