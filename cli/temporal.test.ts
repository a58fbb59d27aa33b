import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Daemon } from './daemon.ts';
import { freePort } from './ports.ts';
import { prepareTemporal, SEARCH_ATTRIBUTES, temporalAnswers, temporalDaemon } from './temporal.ts';
import { ensureTool } from './tools.ts';

let directory: string;
let daemon: Daemon | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-temporal-'));
});
afterEach(async () => {
  await daemon?.stop(5000);
  rmSync(directory, { recursive: true });
});

test('the dev server starts with its settings, survives kill -9 and keeps what it had', async () => {
  const binary = await ensureTool('temporal');
  const taken: number[] = [];
  for (let i = 0; i < 4; i++) taken.push(await freePort('127.0.0.1', taken));
  const [grpc, ui, http, metrics] = taken as [number, number, number, number];
  const onRestart = vi.fn();
  daemon = temporalDaemon({
    binary,
    database: join(directory, 'temporal.db'),
    processFile: join(directory, 'pid'),
    logFile: join(directory, 'log'),
    ports: { grpc, ui, http, metrics },
    log: () => {},
    onRestart,
  });
  await daemon.start();
  const cli = (...args: string[]) =>
    execFileSync(binary, ['--address', `127.0.0.1:${grpc}`, '-o', 'json', ...args], { encoding: 'utf8' });
  const attributes = () => Object.keys(JSON.parse(cli('operator', 'search-attribute', 'list')).customAttributes ?? {});
  expect(attributes().sort()).toEqual([...SEARCH_ATTRIBUTES].sort());
  expect((await fetch(`http://127.0.0.1:${ui}/`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${metrics}/metrics`)).status).toBe(200);

  cli('workflow', 'start', '--type', 'podWorkflow', '--task-queue', 'pods', '-w', 'pod/a/b/c');
  process.kill(daemon.pid!, 'SIGKILL');
  await vi.waitFor(() => expect(onRestart).toHaveBeenCalledTimes(1), { timeout: 30_000, interval: 100 });
  await temporalAnswers(`127.0.0.1:${grpc}`, 'default');
  expect(JSON.parse(cli('workflow', 'describe', '-w', 'pod/a/b/c')).workflowExecutionInfo.status).toMatch(/RUNNING/i);

  // A server of somebody else: a second namespace lacks the attributes until they are added.
  cli('operator', 'namespace', 'create', '-n', 'other');
  await vi.waitFor(() => temporalAnswers(`127.0.0.1:${grpc}`, 'other'), { timeout: 15_000, interval: 200 });
  await prepareTemporal(`127.0.0.1:${grpc}`, 'other');
  await prepareTemporal(`127.0.0.1:${grpc}`, 'other');
  const added = JSON.parse(cli('operator', 'search-attribute', 'list', '-n', 'other')).customAttributes;
  expect(Object.keys(added).sort()).toEqual([...SEARCH_ATTRIBUTES].sort());
  await expect(prepareTemporal(`127.0.0.1:${grpc}`, 'missing')).rejects.toThrow(
    /Temporal at 127\.0\.0\.1:\d+ does not answer for namespace "missing" \(.*\): start it/s,
  );
  expect(readFileSync(join(directory, 'pid'), 'utf8')).toContain(String(daemon.pid));
}, 90_000);
