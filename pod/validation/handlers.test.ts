import { expect, test } from 'vitest';
import { errorsOf } from './testing.ts';

const AT = 'spec.containers[0].lifecycle';
const PORT = 'must be a port number from 1 to 65535';

test.each<[object, string[]]>([
  [{ postStart: { exec: { command: ['true'] } }, preStop: { sleep: { seconds: 30 } } }, []],
  [{ postStart: { exec: { command: [] } } }, [`${AT}.postStart.exec.command: Required value`]],
  [{ postStart: {} }, [`${AT}.postStart: Required value: must specify a handler type`]],
  [
    { preStop: { exec: { command: ['a'] }, tcpSocket: { port: 1 }, sleep: { seconds: 1 } } },
    [
      `${AT}.preStop.tcpSocket: Forbidden: may not specify more than 1 handler type`,
      `${AT}.preStop.sleep: Forbidden: may not specify more than 1 handler type`,
    ],
  ],
  [
    { preStop: { sleep: { seconds: 31 } } },
    [
      `${AT}.preStop.sleep: Invalid value: 31: must be non-negative and not more than terminationGracePeriodSeconds (30)`,
    ],
  ],
  [
    { preStop: { httpGet: { path: '/', port: 'http', scheme: 'HTTPS', httpHeaders: [{ name: 'X-A', value: 'b' }] } } },
    [],
  ],
  [
    { preStop: { httpGet: { port: 0, scheme: 'FTP', httpHeaders: [{ name: 'X A', value: 'b' }] } } },
    [
      `${AT}.preStop.httpGet.path: Required value`,
      `${AT}.preStop.httpGet.port: Invalid value: 0: ${PORT}`,
      `${AT}.preStop.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"`,
      `${AT}.preStop.httpGet.httpHeaders: Invalid value: "X A": must be letters, digits or '-' (e.g. 'X-Header-Name')`,
    ],
  ],
  [
    { preStop: { tcpSocket: { port: '80' } } },
    [`${AT}.preStop.tcpSocket.port: Invalid value: "80": must contain at least one letter`],
  ],
  [
    { stopSignal: 'SIGUSR1' },
    [`${AT}.stopSignal: Forbidden: may not be set for containers with empty \`spec.os.name\``],
  ],
])('%j', (lifecycle, expected) => {
  expect(errorsOf((_, main) => Object.assign(main, { lifecycle }))).toEqual(expected);
});

test.each(['SIGTERM', 'SIGRTMIN', 'SIGRTMIN+15', 'SIGRTMAX-14', 'SIGRTMAX'])('stop signal %s', (stopSignal) => {
  const errors = errorsOf((pod, main) => {
    pod.spec.os = { name: 'linux' };
    main.lifecycle = { stopSignal };
  });
  expect(errors).toEqual([]);
});

test.each(['TERM', 'SIGRTMIN+16', 'SIGRTMAX-15', '15'])('no stop signal: %s', (stopSignal) => {
  const errors = errorsOf((pod, main) => {
    pod.spec.os = { name: 'linux' };
    main.lifecycle = { stopSignal };
  });
  expect(errors).toEqual([
    expect.stringMatching(new RegExp(`^${AT.replaceAll(/[[\]]/g, '\\$&')}.stopSignal: Unsupported value: "`)),
  ]);
});
