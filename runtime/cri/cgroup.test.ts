import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { containerSpec, sandboxSpec } from '../fixtures.ts';
import { unifiedSettings } from './cgroup.ts';
import { containerConfig, linuxResources } from './to-cri.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cgroup-'));
});
afterEach(() => rm(directory, { recursive: true }));

const oom = { 'memory.oom.group': '1' };
test.each<[string, Record<string, string>, Record<string, string>]>([
  ['no unified hierarchy', { 'memory/memory.limit_in_bytes': '1', 'unified/cgroup.controllers': '' }, {}],
  ['one without memory', { 'cgroup.controllers': 'cpu pids\n' }, {}],
  ['without swap', { 'cgroup.controllers': 'cpu memory pids\n', 'a/b/memory.max': 'max' }, oom],
  [
    'with swap',
    { 'cgroup.controllers': 'cpu memory pids\n', 'a/b/memory.swap.max': 'max' },
    { ...oom, 'memory.swap.max': '0' },
  ],
])('%s', async (_, files, expected) => {
  for (const [path, text] of Object.entries({ ...files, 'of-self': '0::/a/b\n' })) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  expect(await unifiedSettings(directory, join(directory, 'of-self'))).toEqual(expected);
});

test('containers get them, and keep them with other resources', () => {
  const spec = { ...containerSpec(sandboxSpec('/logs'), 'busybox:v1', []), resources: { cpuShares: 2 } };
  expect(containerConfig(spec, oom)).toMatchObject({ linux: { resources: { cpuShares: 2, unified: oom } } });
  expect(linuxResources({ cpuShares: 4 }, oom)).toMatchObject({ cpuShares: 4, unified: oom });
});
