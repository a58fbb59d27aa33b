import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../pod/types.ts';
import { testPod } from '../spec/test-pod.ts';
import { isReadOnlyVolume, volumeKind } from './kinds.ts';
import { memoryVolumeSize } from './memory-size.ts';
import { parseMountPoints } from './mounts.ts';
import { nestedMountPoints } from './nested.ts';
import { groupMode } from './ownership.ts';
import { configMapPayload, secretPayload } from './payload.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const configMap: KubeObject = { metadata: {}, data: { a: '1', b: '2' }, binaryData: { c: base64('3') } };
const secret: KubeObject = { metadata: {}, data: { a: base64('1') } };
const file = (text: string, mode = 0o644) => ({ data: Buffer.from(text), mode });

describe('payloads', () => {
  test.each([
    ['all keys', configMapPayload(configMap, {}), { c: file('3'), a: file('1'), b: file('2') }],
    [
      'items',
      configMapPayload(
        configMap,
        {
          items: [
            { key: 'a', path: 'x/y', mode: 0o400 },
            { key: 'c', path: 'z' },
          ],
        },
        0o600,
      ),
      {
        'x/y': file('1', 0o400),
        z: file('3', 0o600),
      },
    ],
    ['an optional one that is gone', configMapPayload(undefined, { optional: true }), {}],
    ['an optional key that is gone', secretPayload(secret, { optional: true, items: [{ key: 'x', path: 'x' }] }), {}],
    ['a secret', secretPayload(secret, {}, 0o400), { a: file('1', 0o400) }],
  ])('%s', (_, payload, expected) => {
    expect(Object.fromEntries(payload)).toEqual(expected);
  });

  test('missing keys', () => {
    const items = [{ key: 'x', path: 'x' }];
    expect(() => configMapPayload(configMap, { items })).toThrow('configmap references non-existent config key: x');
    expect(() => secretPayload(secret, { items })).toThrow('references non-existent secret key: x');
  });
});

test.each([
  [{ name: 'v' }, { kind: 'emptyDir' }, false],
  [{ name: 'v', hostPath: { path: '/x' } }, { kind: 'hostPath' }, false],
  [{ name: 'v', secret: {} }, { kind: 'secret' }, true],
  [{ name: 'v', nfs: { server: 's', path: '/' } }, { unsupported: 'nfs' }, false],
])('the kind of %j', (volume, kind, isReadOnly) => {
  expect(volumeKind(volume)).toEqual(kind);
  expect(isReadOnlyVolume(volume)).toBe(isReadOnly);
});

const node = { cpu: '2', memory: '4Gi', 'ephemeral-storage': '1Gi' };
const limited = (memory: string) => ({ name: memory, resources: { limits: { memory } } });
test.each([
  ['the node', testPod(), undefined, '4Gi'],
  ['the volume', testPod(), '1Gi', '1Gi'],
  ['a volume larger than the node', testPod(), '9Gi', '4Gi'],
  ['a volume of 0', testPod(), '0', '4Gi'],
  ['the Pod', testPod({ containers: [limited('1Gi'), limited('1Gi')] }), '3Gi', '2Gi'],
  ['one container without a limit', testPod({ containers: [limited('1Gi'), { name: 'free' }] }), '3Gi', '3Gi'],
])('memory: %s', (_, pod, limit, expected) => {
  expect(memoryVolumeSize(pod, limit, node)).toBe(BigInt(Number.parseInt(expected, 10)) * 2n ** 30n);
});

test('mounts inside a volume', () => {
  const pod = testPod({
    initContainers: [
      {
        name: 'i',
        volumeMounts: [
          { name: 'config', mountPath: '/etc/config/' },
          { name: 'data', mountPath: '/etc/config/data' },
          { name: 'deep', mountPath: '/etc/config/data/deep' },
          { name: 'beside', mountPath: '/etc/config-beside' },
        ],
      },
    ],
    containers: [
      {
        name: 'main',
        volumeMounts: [
          { name: 'config', mountPath: '/' },
          { name: 'data', mountPath: '/x/y' },
        ],
      },
      {
        name: 'part',
        volumeMounts: [
          { name: 'config', mountPath: '/p', subPath: 's' },
          { name: 'data', mountPath: '/p/q' },
        ],
      },
    ],
  });
  expect(nestedMountPoints(pod, 'config')).toEqual(['data', 'x/y']);
});

test.each([
  [0o644, false, true, 0o644],
  [0o600, false, true, 0o640],
  [0o600, false, false, 0o660],
  [0o777, true, false, 0o2777],
  [0o700, true, true, 0o2750],
])('the mode %s for a group', (mode, isDirectory, isReadOnly, expected) => {
  expect(groupMode(mode, isDirectory, isReadOnly)).toBe(expected);
});

test('mount points', () => {
  const line = (path: string): string => `36 35 98:0 / ${path} rw,noatime shared:1 - tmpfs tmpfs rw`;
  expect(parseMountPoints(`${line('/a\\040b')}\n${line('/c')}\n`)).toEqual(['/a b', '/c']);
});
