import { expect, test } from 'vitest';
import { areFree, hostPortsOf } from './host-ports.ts';
import type { Pod } from './types.ts';

test('the ports of main containers and sidecars, which are there all along', () => {
  const ports = (...list: object[]) => ({ ports: list });
  const spec = {
    initContainers: [
      { name: 'init', ...ports({ containerPort: 1, hostPort: 1 }) },
      { name: 'side', restartPolicy: 'Always', ...ports({ containerPort: 2, hostPort: 2, protocol: 'UDP' }) },
    ],
    containers: [
      { name: 'main', ...ports({ containerPort: 3 }, { containerPort: 4, hostPort: 5, hostIP: '127.0.0.1' }) },
    ],
  };
  expect(hostPortsOf({ metadata: {}, spec } as unknown as Pod)).toEqual([
    { ip: '0.0.0.0', protocol: 'UDP', port: 2 },
    { ip: '127.0.0.1', protocol: 'TCP', port: 5 },
  ]);
});

const port = (ip: string, protocol = 'TCP', port = 80) => ({ ip, protocol, port });
test.each([
  ['the same', port('10.0.0.1'), port('10.0.0.1'), false],
  ['another address', port('10.0.0.1'), port('10.0.0.2'), true],
  ['all addresses are taken', port('10.0.0.1'), port('0.0.0.0'), false],
  ['one of all addresses is taken', port('0.0.0.0'), port('10.0.0.1'), false],
  ['another protocol', port('0.0.0.0'), port('0.0.0.0', 'UDP'), true],
  ['another port', port('0.0.0.0'), port('0.0.0.0', 'TCP', 81), true],
])('a port beside one that is taken: %s', (_, wanted, taken, expected) => {
  expect(areFree([wanted], [port('192.0.2.1', 'SCTP'), taken])).toBe(expected);
});
