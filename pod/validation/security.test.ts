import { expect, test } from 'vitest';
import { mainErrors, specErrors } from './testing.ts';

const C = 'spec.containers[0].securityContext';
const P = 'spec.securityContext';
const ID = 'must be a whole number from 0 to 2147483647';

test.each<[object, string[]]>([
  [
    {
      runAsUser: 0,
      runAsGroup: 2147483647,
      privileged: true,
      seccompProfile: { type: 'Localhost', localhostProfile: 'a/b' },
    },
    [],
  ],
  [
    { runAsUser: -1, runAsGroup: 2147483648 },
    [`${C}.runAsUser: Invalid value: -1: ${ID}`, `${C}.runAsGroup: Invalid value: 2147483648: ${ID}`],
  ],
  [{ procMount: 'Masked' }, [`${C}.procMount: Unsupported value: "Masked": supported values: "Default", "Unmasked"`]],
  [
    { procMount: 'Unmasked' },
    [`${C}.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``],
  ],
  [
    { allowPrivilegeEscalation: false, privileged: true },
    [
      `${C}: Invalid value: {"allowPrivilegeEscalation":false,"privileged":true}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
    ],
  ],
  [
    { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } },
    [
      `${C}: Invalid value: {"allowPrivilegeEscalation":false,"capabilities":{"add":["CAP_SYS_ADMIN"]}}: cannot set \`allowPrivilegeEscalation\` to false and add CAP_SYS_ADMIN`,
    ],
  ],
  [{ seccompProfile: { type: '' } }, [`${C}.seccompProfile.type: Required value`]],
  [
    { seccompProfile: { type: 'Localhost' } },
    [`${C}.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`],
  ],
  [
    { seccompProfile: { type: 'Localhost', localhostProfile: '/a' } },
    [`${C}.seccompProfile.localhostProfile: Invalid value: "/a": must be a relative path`],
  ],
  [
    { seccompProfile: { type: 'Unconfined', localhostProfile: 'a' } },
    [`${C}.seccompProfile.localhostProfile: Invalid value: "a": can only be set when seccomp type is Localhost`],
  ],
  [
    { appArmorProfile: { type: 'Localhost', localhostProfile: ' a' } },
    [`${C}.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace`],
  ],
  [
    { appArmorProfile: { type: 'Localhost', localhostProfile: ' ' } },
    [`${C}.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost`],
  ],
  [
    { appArmorProfile: { type: 'Localhost', localhostProfile: 'a'.repeat(4096) } },
    [`${C}.appArmorProfile.localhostProfile: Too long: may not be more than 4095 bytes`],
  ],
  [
    { appArmorProfile: { type: 'X', localhostProfile: 'a' } },
    [
      `${C}.appArmorProfile.type: Unsupported value: "X": supported values: "Localhost", "RuntimeDefault", "Unconfined"`,
      `${C}.appArmorProfile.localhostProfile: Invalid value: "a": can only be set when AppArmor type is Localhost`,
    ],
  ],
])('container %j', (securityContext, expected) => expect(mainErrors({ securityContext })).toEqual(expected));

const sysctls = (...names: string[]) => ({ securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) } });
const SYSCTL =
  "must be at most 253 lower-case letters, digits, '-', '_', separated by '.' or '/' (e.g. net.ipv4.tcp_syncookies)";

test.each<[object, string[]]>([
  [
    {
      securityContext: {
        fsGroup: 1,
        supplementalGroups: [1],
        supplementalGroupsPolicy: 'Strict',
        fsGroupChangePolicy: 'Always',
      },
    },
    [],
  ],
  [
    { securityContext: { fsGroup: -1, supplementalGroups: [1, -1] } },
    [`${P}.fsGroup: Invalid value: -1: ${ID}`, `${P}.supplementalGroups[1]: Invalid value: -1: ${ID}`],
  ],
  [
    { securityContext: { fsGroupChangePolicy: 'x', supplementalGroupsPolicy: 'y', seLinuxChangePolicy: 'z' } },
    [
      `${P}.fsGroupChangePolicy: Unsupported value: "x": supported values: "Always", "OnRootMismatch"`,
      `${P}.supplementalGroupsPolicy: Unsupported value: "y": supported values: "Merge", "Strict"`,
      `${P}.seLinuxChangePolicy: Unsupported value: "z": supported values: "MountOption", "Recursive"`,
    ],
  ],
  [
    { shareProcessNamespace: true, hostPID: true },
    ['spec.shareProcessNamespace: Invalid value: true: shareProcessNamespace and hostPID cannot both be enabled'],
  ],
  [
    { hostUsers: false, hostPID: true, hostIPC: true },
    ['spec.hostPID: Forbidden: when `hostUsers` is false', 'spec.hostIPC: Forbidden: when `hostUsers` is false'],
  ],
  [sysctls('kernel.shm_rmid_forced', 'net/ipv4/ip_forward'), []],
  [
    sysctls('', 'A', 'kernel.msgmax', 'kernel.msgmax'),
    [
      `${P}.sysctls[0].name: Required value`,
      `${P}.sysctls[1].name: Invalid value: "A": ${SYSCTL}`,
      `${P}.sysctls[3].name: Duplicate value: "kernel.msgmax"`,
    ],
  ],
  [
    { ...sysctls('net.ipv4.ip_forward', 'kernel.sem'), hostNetwork: true, hostIPC: true },
    [
      `${P}.sysctls[0].name: Invalid value: "net.ipv4.ip_forward": may not be specified when 'hostNetwork' is true`,
      `${P}.sysctls[1].name: Invalid value: "kernel.sem": may not be specified when 'hostIPC' is true`,
    ],
  ],
])('pod %j', (spec, expected) => expect(specErrors(spec)).toEqual(expected));
