import { expect, test } from 'vitest';
import { NodeDirs } from './dirs.ts';

const dirs = new NodeDirs('/state/node');

test('places of a Pod', () => {
  expect({
    pod: dirs.podDir('u1'),
    volumes: dirs.volumesDir('u1'),
    subPaths: dirs.subPathDir('u1', 'data', 'main'),
    logs: dirs.podLogs({ namespace: 'ns', name: 'p', uid: 'u1' }),
    container: dirs.containerDir('u1', 'main'),
    hosts: dirs.hostsFile('u1'),
    termination: dirs.terminationLog('u1', 'main', 3),
  }).toEqual({
    pod: '/state/node/pods/u1',
    volumes: '/state/node/pods/u1/volumes',
    subPaths: '/state/node/pods/u1/volume-subpaths/data/main',
    logs: '/state/node/logs/ns_p_u1',
    container: '/state/node/pods/u1/containers/main',
    hosts: '/state/node/pods/u1/etc-hosts',
    termination: '/state/node/pods/u1/containers/main/termination-log.3',
  });
});

test.each(['', '.', '..', '../other', 'a/b', 'a\0b'])('a uid %j leads nowhere else', (uid) => {
  expect(() => dirs.podDir(uid)).toThrow('cannot be the name of a directory');
});
