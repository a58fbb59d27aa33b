import { createSocket } from 'node:dgram';
import { getServers, setServers } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { connectTemporal } from './temporal.ts';

/** A port of this machine on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('that nobody answers is said when the time for it is over', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const began = performance.now();
  await expect(connectTemporal({ address, namespace: 'default' }, 300)).rejects.toThrow(
    `Temporal does not answer at ${address}: is it running there?`,
  );
  expect(performance.now() - began).toBeLessThan(5_000);
});

test('a name server is asked nothing that only gRPC wants to know: one that is out of reach would be waited for', async () => {
  const before = getServers();
  const nameServer = createSocket('udp4').bind(0, '127.0.0.1');
  const asked: string[] = [];
  nameServer.on('message', (question) => asked.push(question.toString('latin1')));
  await once(nameServer, 'listening');
  try {
    setServers([`127.0.0.1:${nameServer.address().port}`]);
    const address = `localhost:${await freePort()}`;
    await expect(connectTemporal({ address, namespace: 'default' }, 300)).rejects.toThrow(address);
    expect(asked).toEqual([]);
  } finally {
    setServers(before);
    nameServer.close();
  }
});
