import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { choosePorts, freePort, isFree, parsePort, readSaved } from './ports.ts';

const host = '127.0.0.1';
let directory: string;
let file: string;
let busy: Server;
let busyPort: number;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-ports-'));
  file = join(directory, 'ports.json');
  busy = createServer();
  await new Promise<void>((done) => busy.listen(0, host, done));
  busyPort = (busy.address() as AddressInfo).port;
});
afterEach(async () => {
  await new Promise((done) => busy.close(done));
  rmSync(directory, { recursive: true });
});

test('free ports are saved and stay', async () => {
  const requests = [
    { name: 'temporal', flag: '--temporal-port' },
    { name: 'ui', flag: '--ui-port' },
  ];
  const first = await choosePorts(file, requests, host);
  expect(new Set(Object.values(first)).size).toBe(2);
  expect(await choosePorts(file, requests, host)).toEqual(first);
  expect(readSaved(file)).toEqual(first);
});

test('the flag wins over the saved port, the saved one over the fallback', async () => {
  const [a, b, c] = [await freePort(host), await freePort(host), await freePort(host)];
  const request = { name: 'API', flag: '--port', fallback: a, fixed: true };
  expect(await choosePorts(file, [request], host)).toEqual({ API: a });
  expect(await choosePorts(file, [{ ...request, wanted: b }], host)).toEqual({ API: b });
  expect(await choosePorts(file, [{ ...request, fallback: c }], host)).toEqual({ API: b });
});

test('a busy port: an error when it must be, another one when it need not', async () => {
  const message = `port ${busyPort} for API is in use: choose another with --port, or see who has it with \`ss -ltnp sport = :${busyPort}\``;
  const api = { name: 'API', flag: '--port' };
  await expect(choosePorts(file, [{ ...api, wanted: busyPort }], host)).rejects.toThrow(message);
  await expect(choosePorts(file, [{ ...api, fallback: busyPort, fixed: true }], host)).rejects.toThrow(message);
  writeFileSync(file, JSON.stringify({ ui: busyPort }));
  const chosen = await choosePorts(file, [{ name: 'ui', flag: '--ui-port' }], host);
  expect(chosen.ui).not.toBe(busyPort);
});

test('a busy port that a program of this home holds is kept', async () => {
  writeFileSync(file, JSON.stringify({ temporal: busyPort }));
  const request = { name: 'temporal', flag: '--temporal-port', held: true };
  expect(await choosePorts(file, [request], host)).toEqual({ temporal: busyPort });
});

test('the same port twice is refused', async () => {
  const port = await freePort(host);
  const requests = [
    { name: 'API', flag: '--port', wanted: port },
    { name: 'ui', flag: '--ui-port', wanted: port },
  ];
  await expect(choosePorts(file, requests, host)).rejects.toThrow(`port ${port} for ui is in use`);
});

test('what is no port, no address or not readable is named', async () => {
  expect(() => parsePort('70000', 'DURAPOD_PORT')).toThrow(
    'DURAPOD_PORT must be a port between 1 and 65535, not "70000"',
  );
  expect(parsePort('80', '--port')).toBe(80);
  await expect(isFree(20_000, '192.0.2.1')).rejects.toThrow('192.0.2.1 is not an address of this machine');
  writeFileSync(file, '{');
  expect(() => readSaved(file)).toThrow('remove it to choose ports anew');
});
