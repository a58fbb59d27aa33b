import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type PeerCertificate, type TLSSocket } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KeyPair } from './certificates.ts';
import { kubeconfig, writeKubeconfig } from './kubeconfig.ts';
import { issueNode, openPki } from './pki.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-pki-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A TLS handshake in which each side checks the other; resolves with what the server sees of the client. */
async function handshake(server: KeyPair, client: KeyPair, ca: string, name: string): Promise<PeerCertificate> {
  const listener = createServer({ ...server, ca, requestCert: true, rejectUnauthorized: true });
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  const seen = new Promise<PeerCertificate>((done, fail) => {
    listener.once('secureConnection', (socket: TLSSocket) => {
      done(socket.getPeerCertificate());
      socket.end();
    });
    listener.once('tlsClientError', fail);
  });
  seen.catch(() => {});
  const { port } = listener.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, ca, ...client, servername: name });
  try {
    await new Promise<void>((done, fail) => {
      socket.once('secureConnect', done);
      socket.once('error', fail);
    });
    return await seen;
  } finally {
    socket.destroy();
    await new Promise((done) => listener.close(done));
  }
}

test('client and server prove themselves to each other', async () => {
  const pki = await openPki(directory, { apiNames: ['pods.example'], nodeName: 'box' });
  const seen = [];
  for (const name of ['localhost', 'kubernetes.default.svc', 'pods.example']) {
    seen.push((await handshake(pki.server, pki.admin, pki.ca.cert, name)).subject);
  }
  expect(seen).toEqual(Array(3).fill({ O: 'system:masters', CN: 'admin' }));
  const node = await handshake(pki.node, pki.node, pki.ca.cert, 'box');
  expect(node.subject).toEqual({ O: 'system:nodes', CN: 'system:node:box' });
  await expect(handshake(pki.server, pki.admin, pki.ca.cert, 'other.example')).rejects.toThrow(/altnames/);
  // An API server's certificate is no client's.
  await expect(handshake(pki.node, pki.server, pki.ca.cert, 'box')).rejects.toThrow();
}, 10_000);

test('a node elsewhere gets a certificate for its addresses', async () => {
  const pki = await openPki(directory, { nodeName: 'box' });
  const other = new X509Certificate((await issueNode(pki, 'far', ['10.1.2.3'])).cert);
  expect([other.checkHost('far'), other.checkIP('10.1.2.3'), other.checkIP('10.1.2.4')]).toEqual([
    'far',
    '10.1.2.3',
    undefined,
  ]);
});

test('keys stay, are private, and are made anew only when they must be', async () => {
  const first = await openPki(directory, { nodeName: 'box' });
  expect(await openPki(directory, { nodeName: 'box' })).toEqual(first);
  const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
  expect(Object.fromEntries(modes)).toEqual({
    'admin.crt': 0o600,
    'admin.key': 0o600,
    'admin.token': 0o600,
    'ca.crt': 0o600,
    'ca.key': 0o600,
    'node.crt': 0o600,
    'node.key': 0o600,
    'node.token': 0o600,
    'server.crt': 0o600,
    'server.key': 0o600,
    'service-accounts.key': 0o600,
  });

  const renamed = await openPki(directory, { nodeName: 'box', apiNames: ['new.example'] });
  expect({ ...renamed, server: first.server }).toEqual(first);
  expect(renamed.server).not.toEqual(first.server);

  writeFileSync(join(directory, 'admin.key'), first.node.key);
  const mended = await openPki(directory, { nodeName: 'box', apiNames: ['new.example'] });
  expect({ ...mended, admin: renamed.admin }).toEqual(renamed);
  expect(mended.admin).not.toEqual(renamed.admin);
});

test('near its end a certificate is renewed, the authority last', async () => {
  const begin = new Date();
  const days = (n: number) => new Date(begin.getTime() + n * 86_400_000);
  const first = await openPki(directory, { now: begin });
  const later = await openPki(directory, { now: days(336) });
  expect([later.ca, later.tokens]).toEqual([first.ca, first.tokens]);
  expect(later.server).not.toEqual(first.server);
  const much = await openPki(directory, { now: days(3621) });
  expect(much.ca).not.toEqual(first.ca);
  expect(new X509Certificate(much.server.cert).verify(new X509Certificate(much.ca.cert).publicKey)).toBe(true);
});

test('the kubeconfig is what clients read, for its owner only', async () => {
  const pki = await openPki(directory);
  const path = join(directory, 'kubeconfig');
  writeKubeconfig(path, 'https://127.0.0.1:7443', pki);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const config = new KubeConfig();
  config.loadFromString(readFileSync(path, 'utf8'));
  expect(config.getCurrentContext()).toBe('durapod');
  expect(config.getCurrentCluster()?.server).toBe('https://127.0.0.1:7443');
  expect(config.getCurrentUser()?.token).toBe(pki.tokens.admin);
  expect(kubeconfig('https://127.0.0.1:7443', pki)).toBe(readFileSync(path, 'utf8'));
});
