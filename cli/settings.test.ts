import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHome } from './home.ts';
import {
  localAddress,
  type Options,
  parseSettings,
  recallSettings,
  rememberSettings,
  type Settings,
} from './settings.ts';

const base: Settings = {
  home: '/home',
  listen: '127.0.0.1',
  apiNames: [],
  port: undefined,
  temporal: undefined,
  temporalNamespace: 'default',
  temporalPort: undefined,
  uiPort: undefined,
  nodePort: undefined,
  nodeName: 'box',
  nodeAddress: undefined,
  runtime: { kind: 'containerd' },
  store: { kind: 'sqlite' },
  logLevel: 'info',
  housekeeping: {
    containerLogMaxBytes: 10 * 2 ** 20,
    containerLogMaxFiles: 5,
    imageGcHighPercent: 85,
    imageGcLowPercent: 80,
    evictionHard: [
      { signal: 'memory.available', amount: 100 * 2 ** 20 },
      { signal: 'nodefs.available', percent: 5 },
      { signal: 'nodefs.inodesFree', percent: 5 },
      { signal: 'imagefs.available', percent: 5 },
      { signal: 'imagefs.inodesFree', percent: 5 },
    ],
    pressureTransitionMs: 300_000,
  },
};

const good: [Options, Partial<Settings>][] = [
  [{}, {}],
  [
    { port: '7000', uiPort: '7001', temporalPort: '7002', nodePort: '7003' },
    { port: 7000, uiPort: 7001, temporalPort: 7002, nodePort: 7003 },
  ],
  [{ runtime: 'sim' }, { runtime: { kind: 'sim' } }],
  [{ runtime: 'unix:///run/crio.sock' }, { runtime: { kind: 'socket', socket: '/run/crio.sock' } }],
  [{ runtime: '/run/crio.sock' }, { runtime: { kind: 'socket', socket: '/run/crio.sock' } }],
  [{ store: '/data/store.db' }, { store: { kind: 'sqlite', path: '/data/store.db' } }],
  [{ store: 'postgres://u@h/d' }, { store: { kind: 'postgres', url: 'postgres://u@h/d' } }],
  [
    { temporal: 'temporal:7233', temporalNamespace: 'pods' },
    { temporal: 'temporal:7233', temporalNamespace: 'pods' },
  ],
  [{ listen: '10.0.0.5' }, { listen: '10.0.0.5', apiNames: ['10.0.0.5', hostname()] }],
  [{ apiName: ['api.example'] }, { apiNames: ['api.example'] }],
  [
    {
      containerLogMaxSize: '100k',
      containerLogMaxFiles: '2',
      imageGcHighThreshold: '100',
      imageGcLowThreshold: '0',
      evictionHard: '',
      evictionPressureTransitionPeriod: '1h0m1s',
    },
    {
      housekeeping: {
        containerLogMaxBytes: 100_000,
        containerLogMaxFiles: 2,
        imageGcHighPercent: 100,
        imageGcLowPercent: 0,
        evictionHard: [],
        pressureTransitionMs: 3_601_000,
      },
    },
  ],
];

test.each(good)('%j', (options, change) => {
  expect(parseSettings({ home: '/home', nodeName: 'box', ...options })).toEqual({ ...base, ...change });
});

const bad: [Options, string][] = [
  [{ port: 'x' }, '--port must be a port between 1 and 65535, not "x"'],
  [{ runtime: 'docker' }, '--runtime must be containerd, sim or the path of a CRI socket, not "docker"'],
  [{ store: 'mysql://u:secret@h/d' }, '--store must be a file or a postgres:// URL'],
  [{ nodeName: 'My_Box' }, '"My_Box" cannot be a node\'s name: choose one of a-z, 0-9, "-" and "." with --node-name'],
  [{ containerLogMaxSize: '0' }, '--container-log-max-size must be a size such as 10Mi, not "0"'],
  [{ containerLogMaxFiles: '1' }, '--container-log-max-files must be a whole number from 2 to 1000, not "1"'],
  [{ imageGcHighThreshold: '101' }, '--image-gc-high-threshold must be a whole number from 0 to 100, not "101"'],
  [
    { evictionHard: 'memory.available<100Mo' },
    '--eviction-hard: "100Mo" is no threshold for memory.available: an amount such as 100Mi or a percentage such as 10% is',
  ],
  ...['', 'm', '5', '5d', '25h', '-5m'].map((text): [Options, string] => [
    { evictionPressureTransitionPeriod: text },
    `--eviction-pressure-transition-period must be a time such as 5m or 30s, at most 24h, not "${text}"`,
  ]),
  [{ imageGcHighThreshold: '70' }, '--image-gc-low-threshold must not be above --image-gc-high-threshold'],
  [
    { temporalNamespace: 'pods' },
    "--temporal-namespace is of a server given by --temporal: durapod's own has no other namespace",
  ],
  [
    { temporal: 'temporal:7233', uiPort: '7001' },
    "--ui-port is of durapod's own Temporal: with --temporal there is none",
  ],
  [
    { temporal: 'temporal:7233', temporalPort: '7002' },
    "--temporal-port is of durapod's own Temporal: with --temporal there is none",
  ],
  [{ logLevel: 'loud' }, '--log-level must be one of debug, info, warn, error, not "loud"'],
];

test.each(bad)('%j is refused', (options, message) => {
  expect(() => parseSettings({ home: '/home', nodeName: 'box', ...options })).toThrow(
    expect.objectContaining({ name: 'UserError', message }),
  );
});

test('what listens everywhere is reached on loopback', () => {
  expect(['0.0.0.0', '::', '10.0.0.5'].map(localAddress)).toEqual(['127.0.0.1', '::1', '10.0.0.5']);
});

test('the last start is remembered, without secrets', () => {
  const directory = mkdtempSync(join(tmpdir(), 'durapod-settings-'));
  try {
    const home = openHome(join(directory, 'home'));
    expect(recallSettings(home)).toBe(undefined);
    rememberSettings(home, { ...base, store: { kind: 'postgres', url: 'postgres://u:secret@h/d' } }, true);
    expect(recallSettings(home)).toEqual({ runtime: { kind: 'containerd' }, listen: '127.0.0.1', postgres: true });
    rememberSettings(home, { ...base, temporal: 'temporal:7233', temporalNamespace: 'pods' }, false);
    expect(recallSettings(home)).toEqual({
      listen: '127.0.0.1',
      temporal: 'temporal:7233',
      temporalNamespace: 'pods',
      postgres: false,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
