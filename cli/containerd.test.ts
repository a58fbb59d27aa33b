import { expect, test } from 'vitest';
import {
  bridgeName,
  chooseSubnet,
  cniConfig,
  containerdCommand,
  containerdConfig,
  parseRoutes,
  routedSubnets,
} from './containerd.ts';
import { UserError } from './user-error.ts';

const settings = {
  root: '/h/containerd/root',
  state: '/h/containerd/state',
  socket: '/h/run/containerd.sock',
  cniConfDir: '/h/containerd/cni',
  pauseImage: 'docker.io/durapod/pause:1',
};

test('everything containerd writes is under its own directories', () => {
  const config = containerdConfig(settings);
  const paths = [...config.matchAll(/= "(\/[^"]*)"/g)].map(([, path]) => path);
  expect(paths).toEqual([
    '/h/containerd/root',
    '/h/containerd/state',
    '/h/run/containerd.sock',
    '/h/containerd/root/opt',
    '/h/containerd/cni',
    '/usr/lib/cni',
    '/h/containerd/state/runc',
  ]);
  expect(config).toContain('sandbox_image = "docker.io/durapod/pause:1"');
  expect(config).toContain('stream_server_port = "0"');
  expect(containerdConfig({ ...settings, root: '/odd "name"' })).toContain('root = "/odd \\"name\\""');
});

test('a socket path the kernel would not take is refused with what to do', () => {
  const socket = `/${'x'.repeat(101)}`;
  expect(() => containerdConfig({ ...settings, socket })).toThrow(UserError);
  expect(containerdConfig({ ...settings, socket: socket.slice(0, 101) })).toContain('version = 2');
});

test('the command', () => {
  expect(containerdCommand('/h/config.toml')).toEqual({ command: 'containerd', args: ['--config', '/h/config.toml'] });
});

test('the network', () => {
  expect(JSON.parse(cniConfig({ bridge: 'durapod0', subnet: '10.64.0.0/22', dataDir: '/h/ips' }))).toEqual({
    cniVersion: '1.0.0',
    name: 'durapod0',
    plugins: [
      {
        type: 'bridge',
        bridge: 'durapod0',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: '/h/ips',
          ranges: [[{ subnet: '10.64.0.0/22' }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
});

test('a bridge for each home', () => {
  expect(bridgeName('/a')).toMatch(/^durapod[0-9a-f]{8}$/);
  expect(bridgeName('/a')).toBe(bridgeName('/a'));
  expect(bridgeName('/a')).not.toBe(bridgeName('/b'));
});

test('a subnet for each home, the next one when it is taken', () => {
  const own = chooseSubnet('/a', ['192.0.2.0/24', '10.0.0.0/16']);
  expect(own).toMatch(/^10\.(6[4-9]|[789]\d|1[01]\d|12[0-7])\.\d+\.0\/22$/);
  expect(chooseSubnet('/b', [])).not.toBe(own);
  const next = chooseSubnet('/a', [own]);
  expect(next).not.toBe(own);
  expect(chooseSubnet('/a', [own.replace('/22', '/32'), next])).not.toBe(next);
  expect(() => chooseSubnet('/a', ['10.0.0.0/8'])).toThrow(UserError);
});

test('routes of the machine', () => {
  const table = `Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
durapod1\t0000400A\t00000000\t0001\t0\t0\t0\t00FCFFFF\t0\t0\t0
other\t0004400A\t00000000\t0001\t0\t0\t0\t00FCFFFF\t0\t0\t0
`;
  expect(parseRoutes(table, 'durapod1')).toEqual(['192.0.2.0/24', '10.64.4.0/22']);
  expect(routedSubnets('none')).toBeInstanceOf(Array);
});
