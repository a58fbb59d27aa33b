import { expect, test } from 'vitest';
import { parseImageReference } from '../../pod/image-reference.ts';
import type { RegistryLogin } from './docker-config.ts';
import { loginsFor } from './keyring.ts';

const login = (registry: string, username = registry): RegistryLogin => ({ registry, username, password: 'secret' });
const users = (image: string, logins: RegistryLogin[]) =>
  loginsFor(parseImageReference(image), logins).map(({ username }) => username);

test.each([
  ['registry.example', 'registry.example/app:v1', true],
  ['registry.example', 'other.example/app', false],
  ['registry.example', 'sub.registry.example/app', false],
  ['registry.example:5000', 'registry.example:5000/app', true],
  ['registry.example:5000', 'registry.example/app', false],
  ['registry.example', 'registry.example:5000/app', false],
  ['127.0.0.1:5000', '127.0.0.1:5000/app', true],
  // A path is a prefix, to the letter.
  ['registry.example/team', 'registry.example/team/app', true],
  ['registry.example/team', 'registry.example/team2/app', true],
  ['registry.example/team/', 'registry.example/team2/app', false],
  ['registry.example/team', 'registry.example/app', false],
  ['registry.example/team/app@sha256:1', 'registry.example/team/app', false],
  // Globs take the place of whole parts of the host, or of a piece of one.
  ['*.example', 'registry.example/app', true],
  ['*.example', 'a.registry.example/app', false],
  ['*.*.example', 'a.registry.example/app', true],
  ['reg*.example', 'registry.example/app', true],
  ['r*s*y.exampl?', 'registry.example/app', true],
  ['r*s*x.example', 'registry.example/app', false],
  ['registry.*', 'registry.example/app', true],
  ['registry[0-9].example', 'registry1.example/app', true],
  ['registry[^0-9].example', 'registry1.example/app', false],
  ['registry[9-0].example', 'registry1.example/app', false],
  ['*', 'localhost/app', true],
  ['*.io/team', 'docker.io/team/app', true],
  // Docker Hub under its names, and as what an image without a registry means.
  ['docker.io', 'busybox', true],
  ['index.docker.io', 'busybox', true],
  ['index.docker.io', 'docker.io/team/app', true],
  ['docker.io/library', 'busybox:v1', true],
  ['docker.io/team', 'busybox', false],
  ['index.docker.io', 'registry.example/app', false],
  ['index.docker.io', 'localhost/app', false],
])('%s for %s: %s', (registry, image, matches) => {
  expect(users(image, [login(registry)])).toEqual(matches ? [registry] : []);
});

test('a glob of many stars does not take long', () => {
  const registry = `${'*a'.repeat(30)}b.example`;
  expect(users(`${'a'.repeat(60)}.example/app`, [login(registry)])).toEqual([]);
});

test('the most specific goes first; of one registry all, in their order', () => {
  const logins = [
    login('registry.example'),
    login('registry.example/team', 'second'),
    login('*.example'),
    login('registry.example/team/app'),
    login('registry.example/team', 'third'),
    login('registry.example/other'),
  ];
  expect(users('registry.example/team/app:v1', logins)).toEqual([
    'registry.example/team/app',
    'second',
    'third',
    'registry.example',
    '*.example',
  ]);
});

test("Docker Hub's old name counts only when nothing else matches", () => {
  const logins = [login('index.docker.io', 'old'), login('docker.io', 'new')];
  expect(users('busybox', logins)).toEqual(['new']);
  expect(users('busybox', logins.slice(0, 1))).toEqual(['old']);
});
