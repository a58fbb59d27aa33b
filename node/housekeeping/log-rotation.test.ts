import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { containerSpec, sandboxSpec } from '../../runtime/fixtures.ts';
import { openSimRuntime } from '../../runtime/sim/runtime.ts';
import { NodeDirs } from '../dirs.ts';
import { planRotation, rotate, rotateLogs } from './log-rotation.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-rotation-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('of what was rotated before', () => {
  const at = (n: number, end = '') => `0.log.20260304-05060${n}${end}`;
  test.each<[string, string[], number, { remove: string[]; compress: string[] }]>([
    ['nothing', [], 5, { remove: [], compress: [] }],
    ['the newest is compressed', [at(1, '.gz'), at(2)], 5, { remove: [], compress: [at(2)] }],
    [
      'the oldest go',
      [at(4), at(1, '.gz'), at(3, '.gz'), at(2, '.gz')],
      5,
      { remove: [at(1, '.gz')], compress: [at(4)] },
    ],
    ['with two files none stays', [at(1)], 2, { remove: [at(1)], compress: [] }],
    [
      'what a rotation that was cut off left goes',
      [at(1), at(1, '.gz'), at(2), at(2, '.tmp')],
      5,
      { remove: [at(1), at(2, '.tmp')], compress: [at(2)] },
    ],
  ])('%s', (_, names, maxFiles, plan) => {
    expect(planRotation(names, maxFiles)).toEqual(plan);
  });
});

describe('one log', () => {
  const second = (n: number) => new Date(Date.UTC(2026, 2, 4, 5, 6, n));
  const content = async () => {
    const names = (await readdir(directory)).sort();
    const texts = names.map(async (name) => {
      const bytes = await readFile(join(directory, name));
      return [name, (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()];
    });
    return Object.fromEntries(await Promise.all(texts));
  };

  test('goes through its names, and is at most so many files', async () => {
    const path = join(directory, '0.log');
    await writeFile(join(directory, '10.log.20260304-050600'), "another attempt's");
    for (let n = 1; n <= 4; n++) {
      await writeFile(path, `text ${n}`);
      await rotate(path, 4, () => writeFile(path, ''), second(n));
    }
    expect(await content()).toEqual({
      '0.log': '',
      '0.log.20260304-050602.gz': 'text 2',
      '0.log.20260304-050603.gz': 'text 3',
      '0.log.20260304-050604': 'text 4',
      '10.log.20260304-050600': "another attempt's",
    });
  });

  test('is put back when the runtime does not go on in a new one', async () => {
    const path = join(directory, '0.log');
    await writeFile(path, 'text');
    const failing = rotate(path, 5, () => Promise.reject(new Error('away')), second(1));
    await expect(failing).rejects.toThrow('away');
    expect(await content()).toEqual({ '0.log': 'text' });
  });
});

test("running containers' logs are rotated by size, made anew when they are gone, and nobody else's touched", async () => {
  const runtime = openSimRuntime({ images: { present: ['busybox:v1'] } });
  const dirs = new NodeDirs(directory);
  const start = async (name: string, command: string[], ours = true) => {
    const uid = name;
    const pod = { namespace: 'default', name, uid };
    const logDirectory = ours ? dirs.podLogs(pod) : join(directory, 'elsewhere', uid);
    const spec = sandboxSpec(directory, { pod, logDirectory });
    const { id: box } = await runtime.runSandbox(spec);
    const id = await runtime.createContainer(box, containerSpec(spec, 'busybox:v1', command), spec);
    await runtime.startContainer(id);
    return join(logDirectory, 'main', '0.log');
  };
  const talk = (text: string) => ['sh', '-c', `echo ${text}; sleep 100`];
  const large = await start('large', talk('x'.repeat(200)));
  const small = await start('small', talk('x'));
  const gone = await start('gone', talk('x'));
  const ended = await start('ended', ['echo', 'x'.repeat(200)]);
  const foreign = await start('foreign', talk('x'.repeat(200)), false);
  await expect.poll(async () => (await readFile(large, 'utf8')).length).toBeGreaterThan(200);
  await rename(gone, `${gone}.away`);
  await rename(foreign, `${foreign}.away`);
  const warnings: unknown[] = [];
  const log = { warn: (fields: object) => void warnings.push(fields) };
  await rotateLogs({ runtime, dirs, policy: { containerLogMaxBytes: 100, containerLogMaxFiles: 5 }, log });
  const files = async (path: string) => (await readdir(dirname(path))).map((name) => name.replace(/\d{8}-\d{6}/, 'T'));
  expect(await files(large)).toEqual(['0.log', '0.log.T']);
  expect(await readFile(large, 'utf8')).toBe('');
  expect(await files(small)).toEqual(['0.log']);
  expect(await files(gone)).toEqual(['0.log', '0.log.away']);
  expect(await files(ended)).toEqual([basename(ended)]);
  expect(await files(foreign)).toEqual(['0.log.away']);
  expect(warnings).toEqual([]);
  for (const { id } of await runtime.listSandboxes({})) await runtime.removeSandbox(id);
});
