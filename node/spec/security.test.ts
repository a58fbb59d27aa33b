import { expect, test } from 'vitest';
import type { Container, Pod } from '../../pod/types.ts';
import type { ContainerSpec } from '../../runtime/port.ts';
import type { ContainerContext } from './context.ts';
import { ContainerConfigError } from './errors.ts';
import { containerSecurity } from './security.ts';
import { testContext, testPod } from './test-pod.ts';

type PodContext = Pod['spec']['securityContext'];
type OwnContext = Container['securityContext'];
type Image = ContainerContext['image'];

const base: ContainerSpec['security'] = {
  privileged: false,
  readonlyRootfs: false,
  noNewPrivileges: false,
  addCapabilities: [],
  dropCapabilities: [],
  runAsUser: 0,
  supplementalGroups: [],
  seccomp: { type: 'Unconfined' },
  unmaskedProc: false,
};
const { runAsUser: _, ...named } = base;

const security = (ofPod: PodContext, own: OwnContext, image?: Image) =>
  containerSecurity(
    testPod({ securityContext: ofPod }),
    { name: 'main', securityContext: own },
    testContext({}, { image }),
  );

test.each<[string, PodContext, OwnContext, Image, ContainerSpec['security']]>([
  ['nothing: root', undefined, undefined, undefined, base],
  ["the image's user", {}, {}, { uid: 7 }, { ...base, runAsUser: 7 }],
  ["the image's user by name", {}, {}, { username: 'web' }, { ...named, runAsUsername: 'web' }],
  [
    "the Pod's user over the image's",
    { runAsUser: 5, runAsGroup: 6 },
    {},
    { username: 'web' },
    { ...base, runAsUser: 5, runAsGroup: 6 },
  ],
  [
    "the container's over the Pod's",
    { runAsUser: 5, runAsGroup: 6 },
    { runAsUser: 0, runAsGroup: 0 },
    undefined,
    { ...base, runAsGroup: 0 },
  ],
  [
    'groups',
    { fsGroup: 9, supplementalGroups: [1, 2], supplementalGroupsPolicy: 'Strict' },
    {},
    undefined,
    {
      ...base,
      supplementalGroups: [9, 1, 2],
      supplementalGroupsPolicy: 'Strict',
    },
  ],
  [
    'what the container may',
    {},
    {
      privileged: true,
      readOnlyRootFilesystem: true,
      procMount: 'Unmasked',
      capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
    },
    undefined,
    {
      ...base,
      privileged: true,
      readonlyRootfs: true,
      unmaskedProc: true,
      addCapabilities: ['NET_ADMIN'],
      dropCapabilities: ['ALL'],
    },
  ],
  ['no escalation', {}, { allowPrivilegeEscalation: false }, undefined, { ...base, noNewPrivileges: true }],
  ['escalation', {}, { allowPrivilegeEscalation: true }, undefined, base],
  [
    'seccomp of the Pod',
    { seccompProfile: { type: 'RuntimeDefault' } },
    {},
    undefined,
    { ...base, seccomp: { type: 'RuntimeDefault' } },
  ],
  [
    'seccomp of the container',
    { seccompProfile: { type: 'RuntimeDefault' } },
    { seccompProfile: { type: 'Localhost', localhostProfile: 'a/b.json' } },
    undefined,
    {
      ...base,
      seccomp: { type: 'Localhost', localhostRef: '/state/seccomp/a/b.json' },
    },
  ],
  ['non-root by number', { runAsNonRoot: true, runAsUser: 5 }, {}, undefined, { ...base, runAsUser: 5 }],
  ['non-root by the image', { runAsNonRoot: true }, {}, { uid: 5 }, { ...base, runAsUser: 5 }],
  ['the container may be root', { runAsNonRoot: true }, { runAsNonRoot: false }, undefined, base],
])('%s', (_, ofPod, own, image, expected) => {
  expect(security(ofPod, own, image)).toEqual(expected);
});

const where = '(pod: "web_shop(uid-1)", container: main)';
test.each<[PodContext, OwnContext, Image, string]>([
  [{ runAsNonRoot: true }, {}, undefined, `container has runAsNonRoot and image will run as root ${where}`],
  [{ runAsNonRoot: true }, { runAsUser: 0 }, { uid: 5 }, `container's runAsUser breaks non-root policy ${where}`],
  [
    {},
    { runAsNonRoot: true },
    { username: 'web' },
    `container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root ${where}`,
  ],
  [{ appArmorProfile: { type: 'RuntimeDefault' } }, {}, undefined, 'Cannot enforce AppArmor'],
  [
    {},
    { seccompProfile: { type: 'Localhost', localhostProfile: '../x' } },
    undefined,
    'localhostProfile must be a relative path',
  ],
])('refuses %j %j %j', (ofPod, own, image, message) => {
  expect(() => security(ofPod, own, image)).toThrow(ContainerConfigError);
  expect(() => security(ofPod, own, image)).toThrow(message);
});

test("SELinux labels are the container's own, else the Pod's", () => {
  const label = (ofPod: PodContext, own: OwnContext) => security(ofPod, own, undefined).seLinux;
  expect(label({}, {})).toBe(undefined);
  expect(label({ seLinuxOptions: { level: 's0' } }, {})).toEqual({ level: 's0' });
  expect(label({ seLinuxOptions: { level: 's0' } }, { seLinuxOptions: { type: 't' } })).toEqual({ type: 't' });
});
