import type { z } from 'zod';
import { type Identity, writtenIdentity } from '#contract/configuration.ts';
import { type Provisioning, provisioningText } from '#contract/wire.ts';
import type { Terminal } from '../store/store.ts';
import type { DistrictKeys, GatewayKeys } from './keys.ts';

/** What a terminal needs to know of itself, the district and the gateway, whose keys are of its suite. */
export function identityOf(terminal: Terminal, epoch: string, districts: DistrictKeys, keys: GatewayKeys): Identity {
  const { suite } = terminal;
  return {
    terminalId: terminal.id,
    region: terminal.region,
    code: terminal.code,
    suite,
    districtKey: districts[suite].publicKey,
    districtKeyId: districts[suite].id,
    gatewayKey: keys[suite].publicKey,
    epoch,
  };
}

/** The signed file that stands for an enrolment over the network. */
export function provisioning(
  identity: Identity,
  terminalPublicKey: string,
  keys: GatewayKeys,
): z.infer<typeof Provisioning> {
  const payload = JSON.stringify({ ...writtenIdentity(identity), terminalPublicKey });
  return { v: 1, payload, signature: keys[identity.suite].sign(provisioningText(payload)).toString('base64url') };
}
