/** Connections to the gateway, and who may be at their other end (sync.md, Clock). */
import { createHash } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { Agent, buildConnector } from 'undici';

export interface GatewayLineOptions {
  /** `gateway.tlsPins`; without them the system's authorities decide. */
  readonly tlsPins: readonly string[] | undefined;
  /** Milliseconds for connecting, for the first byte and between two bytes of an answer. */
  readonly timeoutMs: number;
}

/** Why no byte of ours went out: what answered holds another key than those that are pinned. */
class NotPinned extends Error {}

/** How a failed connection is told; it names no address. */
export function lineFault(error: unknown): { readonly code: 'not-the-gateway' | 'unreachable'; readonly why: string } {
  if (error instanceof NotPinned) return { code: 'not-the-gateway', why: error.message };
  const { code } = error as { code?: unknown };
  return { code: 'unreachable', why: typeof code === 'string' ? code : 'no connection' };
}

/** Has to be closed or destroyed. */
export function gatewayAgent({ tlsPins, timeoutMs: timeout }: GatewayLineOptions): Agent {
  const connect = tlsPins === undefined ? { timeout } : pinnedConnector(tlsPins, timeout);
  return new Agent({ connect, headersTimeout: timeout, bodyTimeout: timeout, pipelining: 1 });
}

/**
 * Looks at the key alone, before anything is sent: a certificate's dates mean nothing to a terminal whose clock may be wrong, and what
 * an authority vouches for is not thereby the district's.
 */
function pinnedConnector(pins: readonly string[], timeout: number): buildConnector.connector {
  // A session that is taken up again would show no certificate to look at.
  const connect = buildConnector({ timeout, rejectUnauthorized: false, maxCachedSessions: 0 });
  return (options, callback) => {
    connect(options, (...connected) => {
      const [error, socket] = connected;
      if (error !== null || isPinned(socket, pins)) return callback(...connected);
      socket.destroy();
      callback(new NotPinned('its TLS key is not pinned'), null);
    });
  };
}

function isPinned(socket: unknown, pins: readonly string[]): boolean {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (!certificate) return false;
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return pins.includes(`sha256/${createHash('sha256').update(spki).digest('base64')}`);
}
