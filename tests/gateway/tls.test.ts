import { copyFileSync, writeFileSync } from 'node:fs';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { issued } from './certificate.ts';
import { runCli, spawnGateway, startGateway } from './stand.ts';
import { sqliteStore, testFolder } from './stores.ts';

/** Connects as anyone may. @returns the connection, or what was said instead */
function handshake(url: string, maxVersion: SecureVersion = 'TLSv1.3'): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const port = Number(new URL(url).port);
    const socket = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      maxVersion,
      ciphers,
    });
    onTestFinished(() => void socket.destroy());
    socket.once('secureConnect', () => resolve(socket)).once('error', reject);
  });
}

async function shown(url: string): Promise<string | undefined> {
  const socket = await handshake(url);
  const certificate = socket.getPeerX509Certificate()?.toString();
  socket.destroy();
  return certificate;
}

test('speaks TLS 1.2 and 1.3, with forward secrecy and authenticated encryption, and nothing older', async () => {
  const { url } = await startGateway(sqliteStore, { tls: issued().files });
  expect(url).toMatch(/^https:/);
  expect((await handshake(url)).getProtocol()).toBe('TLSv1.3');
  const older = await handshake(url, 'TLSv1.2');
  expect(older.getCipher().standardName).toMatch(/^TLS_ECDHE_\w+_WITH_(AES_\d+_GCM|CHACHA20_POLY1305)_/);
  await expect(handshake(url, 'TLSv1.1')).rejects.toThrow(/protocol version/);
});

test('a certificate is renewed while the gateway runs, and one that cannot be used is left aside', async () => {
  const [first, second] = [issued(), issued()];
  const { files } = first;
  const gateway = await startGateway(sqliteStore, { tls: files });
  expect(await shown(gateway.url)).toBe(first.pem);
  writeFileSync(files.cert, second.pem);
  expect(gateway.renewCertificate).toThrow('not that of the certificate');
  expect(await shown(gateway.url)).toBe(first.pem);
  copyFileSync(second.files.key, files.key);
  gateway.renewCertificate();
  expect(await shown(gateway.url)).toBe(second.pem);
  writeFileSync(files.cert, 'half a certifi');
  expect(gateway.renewCertificate).toThrow('holds no certificate');
  expect(await shown(gateway.url)).toBe(second.pem);
});

test('the executable serves TLS on any address, and SIGHUP renews the certificate', async () => {
  const [first, second] = [issued(), issued()];
  const { files } = first;
  const tls = ['--tls-cert', files.cert, '--tls-key', files.key];
  const gateway = await spawnGateway(`sqlite:${testFolder()}/g.sqlite`, '--listen', '0.0.0.0:0', ...tls);
  expect(await shown(gateway.url)).toBe(first.pem);
  writeFileSync(files.key, 'nothing');
  gateway.process.kill('SIGHUP');
  await vi.waitFor(() => expect(gateway.log()).toContain('the certificate stays the old one'), 10_000);
  copyFileSync(second.files.cert, files.cert);
  copyFileSync(second.files.key, files.key);
  gateway.process.kill('SIGHUP');
  await vi.waitFor(() => expect(gateway.log()).toContain('the certificate was read again'), 10_000);
  expect(await shown(gateway.url)).toBe(second.pem);
  expect(await gateway.end('SIGTERM')).toBe(0);
});

test('what cannot be served is refused in words', async () => {
  const { cert, key } = issued().files;
  const store = `sqlite:${testFolder()}/g.sqlite`;
  const refused = async (...tls: string[]) => {
    const ran = await runCli('serve', '--store', store, '--listen', '127.0.0.1:0', ...tls);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    return ran.stderr;
  };
  expect(await refused('--tls-cert', cert)).toContain('go together');
  expect(await refused('--tls-cert', cert, '--tls-key', issued().files.key)).toContain('not that of the certificate');
  expect(await refused('--tls-cert', key, '--tls-key', key)).toContain('holds no certificate');
  expect(await refused('--tls-cert', cert, '--tls-key', cert)).toContain('holds no private key');
  expect(await refused('--tls-cert', `${cert}x`, '--tls-key', key)).toContain('ENOENT');
});

test('the pin of a certificate is printed', async () => {
  const { files, pin } = issued();
  expect(JSON.parse((await runCli('tls-pin', '--cert', files.cert)).stdout)).toEqual({ pin });
  const none = await runCli('tls-pin', '--cert', files.key);
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toContain('holds no certificate');
});
