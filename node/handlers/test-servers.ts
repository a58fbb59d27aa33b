/** Servers on loopback ports for the tests of handlers, probes and hooks. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { onTestFinished } from 'vitest';

/** Listens until the test ends; resolves with the port and the connections open now. */
async function listen(server: Server, port = 0): Promise<{ port: number; open: Set<Socket> }> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, open };
}

export const http = (listener: RequestListener) => listen(createHttp(listener));

/** HTTPS with a certificate that nobody trusts, for a name that nobody asks for. */
export async function https(listener: RequestListener) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({ name: 'CN=nobody.test', keys });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return listen(createHttps({ key, cert: certificate.toString('pem') }, listener));
}

/** A port on which every connection is taken and nothing ever said. */
export const silent = (port?: number) =>
  listen(
    createTcp((socket) => socket.resume()),
    port,
  );

/** Answers whatever it is asked with these very bytes, and then closes the connection, unless `close` says not to. */
export const answering = (bytes: string, { close = true } = {}) =>
  listen(createTcp((socket) => socket.once('data', () => (close ? socket.end(bytes) : socket.write(bytes)))));

/** A port that nothing listens on. */
export async function unused(): Promise<number> {
  const server = createTcp();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
