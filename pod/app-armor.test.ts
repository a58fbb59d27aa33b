import { expect, test } from 'vitest';
import { APPARMOR_CONTAINER, withAppArmorProfiles } from './app-armor.ts';

const RUNTIME = { type: 'RuntimeDefault' };

/** The profiles of a Pod's init and main container, annotated like this. */
function profiles(annotation: string, spec: object = {}, own: object = {}) {
  const { spec: after } = withAppArmorProfiles({
    metadata: { name: 'web', annotations: { [`${APPARMOR_CONTAINER}main`]: annotation } },
    spec: { initContainers: [{ name: 'init' }], containers: [{ name: 'main', ...own }], ...spec },
  });
  return [after.initContainers[0].securityContext, after.containers[0].securityContext];
}

test.each<[string, object, object, unknown]>([
  ['unconfined', {}, {}, { appArmorProfile: { type: 'Unconfined' } }],
  ['runtime/default', {}, {}, { appArmorProfile: RUNTIME }],
  ['localhost/a/b', {}, {}, { appArmorProfile: { type: 'Localhost', localhostProfile: 'a/b' } }],
  ['localhost/', {}, {}, { appArmorProfile: { type: 'Localhost', localhostProfile: '' } }],
  ['', {}, {}, undefined],
  ['none', {}, {}, undefined],
  [
    'unconfined',
    {},
    { securityContext: { privileged: true } },
    { privileged: true, appArmorProfile: { type: 'Unconfined' } },
  ],
  ['unconfined', {}, { securityContext: { appArmorProfile: RUNTIME } }, { appArmorProfile: RUNTIME }],
  ['runtime/default', { securityContext: { appArmorProfile: RUNTIME } }, {}, undefined],
  ['unconfined', { securityContext: { appArmorProfile: RUNTIME } }, {}, { appArmorProfile: { type: 'Unconfined' } }],
  ['runtime/default', { os: { name: 'windows' } }, {}, undefined],
])('annotation %s, Pod %j, container %j', (annotation, spec, own, expected) => {
  expect(profiles(annotation, spec, own)).toEqual([undefined, expected]);
});
