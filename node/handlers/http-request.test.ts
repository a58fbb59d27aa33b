import { describe, expect, test } from 'vitest';
import { describeUrl, type HttpGetAction, httpRequest } from './http-request.ts';

const target = {
  containerId: 'c1',
  podIP: '10.0.0.7',
  hostIP: '192.168.1.2',
  hostNetwork: false,
  ports: [{ name: 'web', containerPort: 8080 }, { containerPort: 9090 }],
  runtime: { execSync: () => Promise.reject(new Error('not used')) },
};

function build(action: Partial<HttpGetAction>, change: Partial<typeof target> = {}) {
  const { url, host, headers } = httpRequest({ port: 8080, ...action }, { ...target, ...change }, 'kube-probe/1.36');
  return { url: url.href, host, headers };
}

const defaults = { 'User-Agent': ['kube-probe/1.36'], Accept: ['*/*'] };

describe('httpGet as a request', () => {
  test.each<[string, Partial<HttpGetAction>, string]>([
    ['the Pod and the root by default', {}, 'http://10.0.0.7:8080/'],
    ['path with query, without fragment', { path: '/a/b?c=d#e' }, 'http://10.0.0.7:8080/a/b?c=d'],
    ['a path without a slash', { path: 'healthz' }, 'http://10.0.0.7:8080/healthz'],
    ['a path with a blank', { path: '/a b' }, 'http://10.0.0.7:8080/a%20b'],
    ['a path that is a URL leads nowhere else', { path: 'https://evil.test:1/x' }, 'http://10.0.0.7:8080/x'],
    ['a path that is no URL', { path: '//[' }, 'http://10.0.0.7:8080//['],
    ['HTTPS', { scheme: 'HTTPS', port: 443 }, 'https://10.0.0.7/'],
    ['a named port', { port: 'web' }, 'http://10.0.0.7:8080/'],
    ['a port in a string', { port: '9090' }, 'http://10.0.0.7:9090/'],
    ['a host of its own', { host: 'example.test' }, 'http://example.test:8080/'],
    ['an IPv6 address', { host: 'fd00::1' }, 'http://[fd00::1]:8080/'],
  ])('%s', (_, action, expected) => {
    expect(build(action).url).toBe(expected);
  });

  test('host networking means the node', () => {
    expect(build({}, { hostNetwork: true, podIP: '' }).url).toBe('http://192.168.1.2:8080/');
    expect(build({}, { hostNetwork: true, podIP: '', hostIP: '' }).url).toBe('http://127.0.0.1:8080/');
  });

  test.each<[string, { name: string; value: string }[], object]>([
    ['none', [], { host: '10.0.0.7:8080', headers: defaults }],
    [
      'a Host header is not where the connection goes',
      [{ name: 'host', value: 'a.test' }],
      { host: 'a.test', headers: defaults },
    ],
    [
      'repeated headers are all sent',
      [
        { name: 'X-A', value: '1' },
        { name: 'x-a', value: '2' },
      ],
      { host: '10.0.0.7:8080', headers: { 'X-A': ['1', '2'], ...defaults } },
    ],
    [
      'its own User-Agent and Accept',
      [
        { name: 'user-agent', value: 'me' },
        { name: 'accept', value: 'text/html' },
      ],
      { host: '10.0.0.7:8080', headers: { 'user-agent': ['me'], accept: ['text/html'] } },
    ],
    [
      'empty ones are not sent',
      [
        { name: 'User-Agent', value: '' },
        { name: 'Accept', value: '' },
      ],
      { host: '10.0.0.7:8080', headers: {} },
    ],
    [
      'those of a body are dropped',
      [{ name: 'Content-Length', value: '5' }],
      { host: '10.0.0.7:8080', headers: defaults },
    ],
  ])('headers: %s', (_, httpHeaders, expected) => {
    const { host, headers } = build({ httpHeaders });
    expect({ host, headers }).toEqual(expected);
  });

  test.each<[string, Partial<HttpGetAction>, Partial<typeof target>, string]>([
    [
      'an unknown port name',
      { port: 'admin' },
      {},
      'the container has no port named "admin": name one of its ports, or give a number',
    ],
    ['a port out of range', { port: 65536 }, {}, 'port 65536 is not between 1 and 65535'],
    [
      'no address yet',
      {},
      { podIP: '' },
      'the Pod has no IP address yet: name a host in the handler, or wait for its network',
    ],
  ])('refuses %s', (_, action, change, message) => {
    expect(() => build(action, change)).toThrow(message);
  });

  test('a message does not show the query', () => {
    expect(describeUrl(new URL('http://a.test:1/b?token=x'))).toBe('http://a.test:1/b');
  });
});
