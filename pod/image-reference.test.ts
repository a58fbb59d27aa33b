import { expect, test } from 'vitest';
import { InvalidReference, isImageId, normaliseImage, parseImageReference } from './image-reference.ts';

const SHA = `sha256:${'0123456789abcdef'.repeat(4)}`;

test.each([
  ['busybox', 'docker.io/library/busybox:latest'],
  ['busybox:v1', 'docker.io/library/busybox:v1'],
  ['library/busybox', 'docker.io/library/busybox:latest'],
  ['me/app:1.0_x-y', 'docker.io/me/app:1.0_x-y'],
  ['docker.io/busybox', 'docker.io/library/busybox:latest'],
  ['index.docker.io/busybox', 'docker.io/library/busybox:latest'],
  ['localhost/app', 'localhost/app:latest'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
  ['[::1]:5000/a/b__c', '[::1]:5000/a/b__c:latest'],
  ['Host/app', 'Host/app:latest'],
  [`busybox@${SHA}`, `docker.io/library/busybox@${SHA}`],
  [`busybox:v1@${SHA}`, `docker.io/library/busybox:v1@${SHA}`],
])('%s is %s', (given, full) => {
  expect(normaliseImage(given)).toBe(full);
  expect(normaliseImage(full)).toBe(full);
});

test.each([
  ['', 'it is empty'],
  ['a'.repeat(64), 'an id, not a name'],
  ['Busybox', 'must be lowercase'],
  ['busybox:', 'invalid tag ""'],
  ['busybox:-x', 'invalid tag "-x"'],
  [`busybox:${'x'.repeat(129)}`, 'invalid tag'],
  ['busybox@sha256:12', 'invalid digest'],
  [`busybox@sha256:${'1'.repeat(63)}`, '64 digits'],
  ['a//b', 'invalid reference format'],
  ['/busybox', 'invalid reference format'],
  ['bad image', 'invalid reference format'],
  ['-bad.host/x', 'invalid registry'],
  ['a..b', 'invalid reference format'],
  [`host.io/${'x'.repeat(255)}`, 'longer than 255'],
])('%s is refused', (given, why) => {
  expect(() => parseImageReference(given)).toThrow(InvalidReference);
  expect(() => parseImageReference(given)).toThrow(why);
});

test('what a reference is made of', () => {
  expect(parseImageReference(`localhost:5000/a/b:1@${SHA}`)).toEqual({
    domain: 'localhost:5000',
    path: 'a/b',
    tag: '1',
    digest: SHA,
  });
});

test('ids', () => {
  expect([SHA, SHA.slice(7), 'busybox', 'sha256:12'].map(isImageId)).toEqual([true, true, false, false]);
});
