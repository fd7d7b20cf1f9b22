import type { z } from 'zod';
import type { Identity } from '#contract/configuration.ts';
import { type Provisioning, provisioningText } from '#contract/wire.ts';
import type { Terminal } from '../store/store.ts';
import type { DistrictKey, GatewayKey } from './keys.ts';

/** What a terminal needs to know of itself, the district and the gateway. */
export function identityOf(
  terminal: Terminal,
  epoch: string,
  district: DistrictKey,
  gatewayPublicKey: string,
): Identity {
  return {
    terminalId: terminal.id,
    region: terminal.region,
    code: terminal.code,
    districtKey: district.publicKey,
    districtKeyId: district.id,
    gatewayKey: gatewayPublicKey,
    epoch,
  };
}

/** The signed file that stands for an enrolment over the network. */
export function provisioning(
  identity: Identity,
  terminalPublicKey: string,
  key: GatewayKey,
): z.infer<typeof Provisioning> {
  const payload = JSON.stringify({ ...identity, terminalPublicKey });
  return { v: 1, payload, signature: key.sign(provisioningText(payload)).toString('base64url') };
}
