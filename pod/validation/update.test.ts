import { expect, test } from 'vitest';
import { fieldErrorMessage } from '../field-error.ts';
import type { Container, Pod } from '../types.ts';
import { basePod } from './testing.ts';
import { validateEphemeralContainersUpdate, validatePodUpdate } from './update.ts';

type Change = (pod: Pod, main: Container, init: Container) => void;

const FORBIDDEN =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds` (may be set or lowered), `spec.tolerations` (only additions), `spec.terminationGracePeriodSeconds` (only from a negative value to 1)';

function update(old: Change, next: Change, validate = validatePodUpdate): string[] {
  const before = basePod();
  old(before, before.spec.containers[0]!, before.spec.initContainers![0]!);
  const after = structuredClone(before);
  next(after, after.spec.containers[0]!, after.spec.initContainers![0]!);
  return validate(after, before).map(fieldErrorMessage);
}
const same: Change = () => {};
const gated: Change = ({ spec }) => {
  spec.schedulingGates = [{ name: 'a' }, { name: 'b' }];
  spec.nodeSelector = { zone: 'x' };
};
const nodeTerms = (...keys: string[][]): NonNullable<Pod['spec']['affinity']> => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: keys.map((term) => ({ matchExpressions: term.map((key) => ({ key, operator: 'Exists' })) })),
    },
  },
});
const TERMS = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';

test.each<[string, Change, Change, string[]]>([
  ['nothing', same, same, []],
  [
    'labels and annotations',
    same,
    ({ metadata }) => {
      metadata.labels = { a: 'b' };
      metadata.annotations = { c: 'd' };
    },
    [],
  ],
  [
    'images',
    same,
    (_, main, init) => {
      main.image = 'busybox:v2';
      init.image = 'busybox:v2';
    },
    [],
  ],
  [
    'no image, told once',
    same,
    (_, main) => {
      main.image = '';
    },
    ['spec.containers[0].image: Required value'],
  ],
  [
    'another field of a container',
    same,
    (_, main) => {
      main.command = ['true'];
    },
    [FORBIDDEN],
  ],
  [
    'an image and another field',
    same,
    (_, main) => {
      main.image = 'busybox:v2';
      main.env = [{ name: 'A' }];
    },
    [FORBIDDEN],
  ],
  [
    'a list that is empty instead of absent',
    same,
    (pod, main) => {
      main.env = [];
      pod.spec.imagePullSecrets = [];
    },
    [],
  ],
  [
    'another container',
    same,
    (pod, main) => {
      pod.spec.containers.push({ ...structuredClone(main), name: 'second' });
    },
    ['spec.containers: Forbidden: pod updates may not add or remove containers'],
  ],
  [
    'no init containers',
    same,
    (pod) => {
      pod.spec.initContainers = [];
    },
    ['spec.initContainers: Forbidden: pod updates may not add or remove containers'],
  ],
  [
    'a deadline',
    same,
    ({ spec }) => {
      spec.activeDeadlineSeconds = 10;
    },
    [],
  ],
  [
    'a lower deadline',
    ({ spec }) => {
      spec.activeDeadlineSeconds = 10;
    },
    ({ spec }) => {
      spec.activeDeadlineSeconds = 9;
    },
    [],
  ],
  [
    'a higher deadline',
    ({ spec }) => {
      spec.activeDeadlineSeconds = 10;
    },
    ({ spec }) => {
      spec.activeDeadlineSeconds = 11;
    },
    ['spec.activeDeadlineSeconds: Invalid value: 11: must be less than or equal to previous value'],
  ],
  [
    'no deadline any more',
    ({ spec }) => {
      spec.activeDeadlineSeconds = 10;
    },
    ({ spec }) => {
      spec.activeDeadlineSeconds = undefined;
    },
    ['spec.activeDeadlineSeconds: Invalid value: null: must not be removed once it is set'],
  ],
  [
    'a deadline of zero',
    same,
    ({ spec }) => {
      spec.activeDeadlineSeconds = 0;
    },
    ['spec.activeDeadlineSeconds: Invalid value: 0: must be a whole number from 1 to 2147483647'],
  ],
  [
    'another toleration, and other seconds for one',
    same,
    ({ spec }) => {
      spec.tolerations![0]!.tolerationSeconds = 5;
      spec.tolerations!.push({ key: 'a', operator: 'Exists' });
    },
    [],
  ],
  [
    'a toleration less',
    same,
    ({ spec }) => {
      spec.tolerations!.pop();
    },
    ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
  ],
  [
    'negative grace to 1',
    ({ spec }) => {
      spec.terminationGracePeriodSeconds = -1;
    },
    ({ spec }) => {
      spec.terminationGracePeriodSeconds = 1;
    },
    [],
  ],
  [
    'other grace',
    same,
    ({ spec }) => {
      spec.terminationGracePeriodSeconds = 1;
    },
    [FORBIDDEN],
  ],
  [
    'a node',
    same,
    ({ spec }) => {
      spec.nodeName = 'n1';
    },
    [FORBIDDEN],
  ],
  [
    'a node selector without a gate',
    same,
    ({ spec }) => {
      spec.nodeSelector = { a: 'b' };
    },
    [FORBIDDEN],
  ],
  [
    'the name',
    same,
    ({ metadata }) => {
      metadata.name = 'other';
    },
    ['metadata.name: Invalid value: "other": field is immutable'],
  ],
  [
    'gates go',
    gated,
    ({ spec }) => {
      spec.schedulingGates = [];
    },
    [],
  ],
  [
    'gates do not come',
    gated,
    ({ spec }) => {
      spec.schedulingGates!.push({ name: 'c' });
    },
    ["spec.schedulingGates[2].name: Forbidden: only deletion is allowed, but found new scheduling gate 'c'"],
  ],
  [
    'a gated Pod is narrowed',
    gated,
    ({ spec }) => {
      spec.nodeSelector!.disk = 'ssd';
      spec.affinity = nodeTerms(['a']);
    },
    [],
  ],
  [
    'and not moved',
    gated,
    ({ spec }) => {
      spec.nodeSelector = { zone: 'y' };
    },
    [
      'spec.nodeSelector: Invalid value: {"zone":"y"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ],
  ],
  [
    'nor by terms',
    (pod, ...rest) => {
      gated(pod, ...rest);
      pod.spec.affinity = nodeTerms(['a'], []);
    },
    ({ spec }) => {
      spec.affinity = nodeTerms(['b'], ['c']);
    },
    [
      `${TERMS}[0]: Invalid value: {"matchExpressions":[{"key":"b","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)`,
      `${TERMS}[1]: Invalid value: {"matchExpressions":[{"key":"c","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)`,
    ],
  ],
  [
    'nor by fewer terms',
    (pod, ...rest) => {
      gated(pod, ...rest);
      pod.spec.affinity = nodeTerms(['a']);
    },
    ({ spec }) => {
      spec.affinity = undefined;
    },
    [`${TERMS}: Invalid value: []: no additions/deletions to non-empty NodeSelectorTerms list are allowed`],
  ],
  [
    'nor by pods',
    gated,
    ({ spec }) => {
      spec.affinity = { podAffinity: {} };
    },
    [FORBIDDEN],
  ],
])('%s', (_, old, next, expected) => expect(update(old, next)).toEqual(expected));

const debugged =
  (...names: string[]): Change =>
  (pod, main) => {
    pod.spec.ephemeralContainers = names.map((name) => ({ ...structuredClone(main), name }));
  };

test.each<[string, Change, Change, string[]]>([
  ['one comes', same, debugged('debug'), []],
  ['another comes, in any order', debugged('a'), debugged('b', 'a'), []],
  [
    'one goes',
    debugged('a', 'b'),
    debugged('b'),
    ['spec.ephemeralContainers: Forbidden: existing ephemeral container "a" may not be removed'],
  ],
  [
    'one changes',
    debugged('a'),
    (pod) => {
      pod.spec.ephemeralContainers![0]!.command = ['x'];
    },
    ['spec.ephemeralContainers: Forbidden: existing ephemeral container "a" may not be changed'],
  ],
  [
    'something else changes',
    same,
    (_, main) => {
      main.image = 'busybox:v2';
    },
    ['spec: Forbidden: only ephemeralContainers may be changed here'],
  ],
  ['a bad one', same, debugged('main'), ['spec.ephemeralContainers[0].name: Duplicate value: "main"']],
])('ephemeral containers: %s', (_, old, next, expected) => {
  expect(update(old, next, validateEphemeralContainersUpdate)).toEqual(expected);
});
