import { expect, test } from 'vitest';
import type { KubeObject } from '../../pod/types.ts';
import { BadPullSecret, registryLogins } from './docker-config.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const secret = (type: string, key: string, text: string) =>
  ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'pull' },
    type,
    data: { [key]: base64(text) },
  }) as unknown as KubeObject;
const json = (auths: unknown) =>
  secret('kubernetes.io/dockerconfigjson', '.dockerconfigjson', JSON.stringify({ auths }));
const legacy = (entries: unknown) => secret('kubernetes.io/dockercfg', '.dockercfg', JSON.stringify(entries));

const one = (registry: string) => [{ registry, username: 'u', password: 'p' }];

test.each([
  ['both forms of a login', json({ 'r.example': { username: 'u', password: 'p', email: 'e' } }), one('r.example')],
  ['auth', json({ 'r.example': { auth: base64('u:p') } }), one('r.example')],
  ['auth without padding', json({ 'r.example': { auth: base64('u:p').replace(/=/g, '') } }), one('r.example')],
  ['auth before the rest', json({ 'r.example': { username: 'x', auth: base64('u:p') } }), one('r.example')],
  [
    'a colon in the password',
    json({ 'r.example': { auth: base64('u:p:q') } }),
    [{ registry: 'r.example', username: 'u', password: 'p:q' }],
  ],
  ['the old type', legacy({ 'r.example': { username: 'u', password: 'p' } }), one('r.example')],
  ['a URL', json({ 'https://r.example/': { username: 'u', password: 'p' } }), one('r.example')],
  [
    'a URL with a port and a path',
    json({ 'http://r.example:5000/team': { auth: base64('u:p') } }),
    one('r.example:5000/team'),
  ],
  ['the API of Docker Hub', json({ 'https://index.docker.io/v1/': { auth: base64('u:p') } }), one('index.docker.io')],
  ['version 2 with a path', json({ 'r.example/v2/team': { auth: base64('u:p') } }), one('r.example/team')],
  ['a path that begins like one', json({ 'r.example/v2team': { auth: base64('u:p') } }), one('r.example/v2team')],
  ['no logins', json(undefined), []],
  ['an empty Secret', secret('kubernetes.io/dockerconfigjson', '.dockerconfigjson', ''), []],
  ['another type', secret('Opaque', '.dockerconfigjson', '{"auths":{"r.example":{"username":"u"}}}'), []],
])('%s', (_, object, logins) => {
  expect(registryLogins(object)).toEqual(logins);
});

test.each([
  [secret('kubernetes.io/dockercfg', '.dockercfg', 'hunter2'), '.dockercfg is not a JSON object'],
  [
    secret('kubernetes.io/dockerconfigjson', '.dockerconfigjson', '["hunter2"]'),
    '.dockerconfigjson is not a JSON object',
  ],
  [json('hunter2'), 'auths in .dockerconfigjson is not an object'],
  [
    json({ 'r.example': { auth: base64('hunter2') } }),
    'the entry of r.example in .dockerconfigjson has no auth of the form base64(username:password)',
  ],
  [
    legacy({ 'r.example': 'hunter2' }),
    'the entry of r.example in .dockercfg has no auth of the form base64(username:password)',
  ],
])('what cannot be read is said without its content: %#', (object, message) => {
  expect(() => registryLogins(object)).toThrow(new BadPullSecret(`image pull secret "pull": ${message}`));
});
