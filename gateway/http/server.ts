/** What terminals connect to: HTTP for a proxy on this machine, or TLS of the gateway's own. */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';

/** Certificate, with those between it and its authority, and private key: PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Milliseconds for the handshake; a whole request has its own bound after that. */
const HANDSHAKE_MS = 20_000;

/** TLS 1.2 with forward secrecy and authenticated encryption, and TLS 1.3. */
const SETTINGS = {
  minVersion: 'TLSv1.2',
  ciphers: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ECDHE+AESGCM:ECDHE+CHACHA20',
} as const;

export interface Servers {
  readonly make: (handler: RequestListener) => Server;
  /** Reads certificate and key again, for the connections that come. @throws Error and keeps the old ones when they can't be used. */
  readonly renewCertificate: () => void;
  /** Ends every connection, whatever is on it. */
  readonly cut: () => void;
}

/** @throws Error in words when certificate or key can't be used. */
export function servers(options: ServerOptions, tls: TlsFiles | undefined): Servers {
  // A name may stand for several addresses, each of which gets a server.
  const made: (Server | TlsServer)[] = [];
  const first = tls && readTls(tls);
  return {
    make(handler) {
      const server = first
        ? createTlsServer({ ...options, ...first, handshakeTimeout: HANDSHAKE_MS }, handler)
        : createServer(options, handler);
      made.push(server);
      return server;
    },
    renewCertificate() {
      if (!tls) return;
      const renewed = readTls(tls);
      for (const server of made) if ('setSecureContext' in server) server.setSecureContext(renewed);
    },
    cut() {
      for (const server of made) server.closeAllConnections();
    },
  };
}

function readTls(files: TlsFiles): SecureContextOptions {
  const cert = readFileSync(files.cert);
  const key = readFileSync(files.key);
  const certificate = read(files.cert, 'certificate', () => new X509Certificate(cert));
  const own = read(files.key, 'private key without a passphrase', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(own)) {
    throw new Error(`the key in ${files.key} is not that of the certificate in ${files.cert}`);
  }
  return { ...SETTINGS, cert, key };
}

function read<T>(file: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new Error(`${file} holds no ${what} in PEM`);
  }
}

/** What terminals pin: the SHA-256 of a certificate's public key in the form of RFC 7469. @throws as {@link servers} */
export function tlsPin(certFile: string): string {
  const pem = readFileSync(certFile);
  const { publicKey } = read(certFile, 'certificate', () => new X509Certificate(pem));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}
