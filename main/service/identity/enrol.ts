import { request } from 'undici';
import { z } from 'zod';
import { Identity } from '#contract/configuration.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import { EnrolRequest, Provisioning, paths, provisioningText, WireError } from '#contract/wire.ts';
import { gatewayAgent, lineFault } from '../gateway-line.ts';
import { fromBase64Url } from '../sealing/base64url.ts';
import { publicKeyOf, rawPublicKey, textIsSigned } from '../suite/suite.ts';
import { ensureTerminalKey, fileFault, holdsKeys, isEnrolled, writeIdentity } from './identity.ts';

export interface EnrolError {
  readonly code:
    | 'already-enrolled'
    | 'enrol-code'
    | 'folder'
    | 'gateway-away'
    | 'gateway-refused'
    | 'not-the-gateway'
    | 'provisioning-malformed'
    | 'provisioning-forged'
    | 'provisioning-foreign';
  readonly detail: string;
  readonly remedy: string;
}

const TIMEOUT_MS = 20_000;
const ProvisionedIdentity = Identity.extend({ terminalPublicKey: z.string() });

/** The public half of the terminal's key, which is made when there is none. */
export function terminalPublicKey(etc: string, suite: Suite = 'standard'): Result<string, EnrolError> {
  return inFolder(etc, () => ok(rawPublicKey(ensureTerminalKey(etc, suite))));
}

/** Asks the gateway for an identity with a one-time code; the key is made here and only its public half goes out. */
export async function enrolByCode(o: {
  etc: string;
  url: string;
  /** As {@link GatewayLineOptions.tlsPins}. */
  tlsPins?: readonly string[] | undefined;
  code: string;
  suite?: Suite;
}): Promise<Result<Identity, EnrolError>> {
  const suite = o.suite ?? 'standard';
  const own = keyToEnrol(o.etc, suite);
  if (!own.ok) return own;
  const asked = EnrolRequest.safeParse({ code: o.code.trim().toUpperCase(), suite, publicKey: own.value });
  if (!asked.success) {
    return err({ code: 'enrol-code', detail: 'this is no enrolment code', remedy: 'write it as XXXX-XXXX-XXXX-XXXX' });
  }
  const { code, publicKey } = asked.data;
  const body = { code, ...(suite === 'standard' ? {} : { suite }), publicKey };
  const answer = await post(new URL(paths.enrol, o.url), body, o.tlsPins);
  if (!answer.ok) return answer;
  const identity = Identity.safeParse(answer.value);
  if (!identity.success || !holdsKeys(identity.data)) {
    return refused('the gateway answered with something that is no identity');
  }
  if (identity.data.suite !== suite) return refused(`the gateway answered with the ${identity.data.suite} suite`);
  return keep(o.etc, identity.data);
}

/**
 * Takes an identity from a provisioning file that the gateway signed for this terminal's key.
 * @param gatewayKey the gateway's public key (raw, base64url) when it is known beforehand; without it the file is only checked
 *   against the key that it names itself
 */
export function enrolByFile(o: {
  etc: string;
  text: string;
  suite?: Suite;
  gatewayKey?: string;
}): Result<Identity, EnrolError> {
  const own = keyToEnrol(o.etc, o.suite ?? 'standard');
  if (!own.ok) return own;
  const file = Provisioning.safeParse(json(o.text));
  const payload = file.success ? ProvisionedIdentity.safeParse(json(file.data.payload)) : null;
  if (!file.success || !payload?.success || !holdsKeys(payload.data)) {
    return err({
      code: 'provisioning-malformed',
      detail: 'this is no provisioning file',
      remedy: 'fetch the file again from the gateway',
    });
  }
  const { terminalPublicKey: madeFor, ...identity } = payload.data;
  if ((o.gatewayKey ?? identity.gatewayKey) !== identity.gatewayKey || !signed(file.data, identity.gatewayKey)) {
    return err({
      code: 'provisioning-forged',
      detail: "the file does not carry the gateway's signature",
      remedy: 'do not use this file; fetch it again from the gateway',
    });
  }
  if (madeFor !== own.value) {
    return err({
      code: 'provisioning-foreign',
      detail: 'the file was made for another terminal key',
      remedy: `have the gateway make one for this terminal's public key ${own.value}`,
    });
  }
  return keep(o.etc, identity);
}

function keyToEnrol(etc: string, suite: Suite): Result<string, EnrolError> {
  return inFolder(etc, () => (isEnrolled(etc) ? alreadyEnrolled() : terminalPublicKey(etc, suite)));
}

function keep(etc: string, identity: Identity): Result<Identity, EnrolError> {
  return inFolder(etc, () => {
    writeIdentity(etc, identity);
    return ok(identity);
  });
}

function inFolder<T>(etc: string, work: () => Result<T, EnrolError>): Result<T, EnrolError> {
  try {
    return work();
  } catch (error) {
    return err({ code: 'folder', ...fileFault(error, etc) });
  }
}

function signed(file: z.infer<typeof Provisioning>, gatewayKey: string): boolean {
  return textIsSigned(provisioningText(file.payload), fromBase64Url(file.signature), publicKeyOf(gatewayKey));
}

async function post(
  url: URL,
  body: z.input<typeof EnrolRequest>,
  tlsPins: readonly string[] | undefined,
): Promise<Result<unknown, EnrolError>> {
  const dispatcher = gatewayAgent({ tlsPins, timeoutMs: TIMEOUT_MS });
  let status: number;
  let value: unknown;
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      dispatcher,
    });
    status = answer.statusCode;
    value = json(await answer.body.text());
  } catch (error) {
    const { code, why } = lineFault(error);
    if (code === 'not-the-gateway') {
      const remedy =
        'compare gateway.tlsPins in terminal.yaml with what the district prints by `yichuang gateway tls-pin`';
      return err({ code, detail: `${url.origin} is not the gateway: ${why}`, remedy });
    }
    return err({
      code: 'gateway-away',
      detail: `no answer from ${url.origin} (${why})`,
      remedy: 'check the network and gateway.url in terminal.yaml',
    });
  } finally {
    await dispatcher.destroy();
  }
  if (status === 200) return ok(value);
  const refusal = WireError.safeParse(value);
  if (refusal.success && refusal.data.code === 'enrol-code') {
    return err({
      code: 'enrol-code',
      detail: 'the code is unknown, used or older than 15 minutes',
      remedy: 'ask the district for a new code',
    });
  }
  return refused(refusal.success ? `the gateway refused: ${refusal.data.message}` : `status ${status}`);
}

function refused(detail: string): Result<never, EnrolError> {
  return err({ code: 'gateway-refused', detail, remedy: 'check gateway.url in terminal.yaml and ask the district' });
}

function alreadyEnrolled(): Result<never, EnrolError> {
  return err({
    code: 'already-enrolled',
    detail: 'this terminal has an identity',
    remedy: 'nothing is to be done; a new identity needs an empty data folder and an empty etc folder',
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
