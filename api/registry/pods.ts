/** Pods. Their rules live in pod/; here stands what the API adds: initial status, generation, graceful deletion. */

import { withAppArmorProfiles } from '../../pod/app-armor.ts';
import { defaultEphemeralContainer, defaultPod } from '../../pod/defaults.ts';
import type { FieldError } from '../../pod/field-error.ts';
import { countedGrace } from '../../pod/grace.ts';
import { isOver } from '../../pod/phase.ts';
import { qosClass } from '../../pod/qos.ts';
import type { Container, EphemeralContainer, KubeObject, Pod, PodSpec } from '../../pod/types.ts';
import { unsupported } from '../../pod/unsupported.ts';
import {
  validateEphemeralContainersUpdate,
  validatePod,
  validatePodStatusUpdate,
  validatePodUpdate,
  validateResize,
} from '../../pod/validation/index.ts';
import { admitPodResize } from '../admission/pod-resize.ts';
import { admitPriority } from '../admission/priority.ts';
import { admitRuntimeClass } from '../admission/runtime-class.ts';
import { admitServiceAccount } from '../admission/service-account.ts';
import {
  keepStatus,
  type Query,
  resource,
  type Strategy,
  type Subresource,
  statusUpdate,
  type UpdateStrategy,
} from './resource.ts';

const DEFAULT_GRACE_SECONDS = 30;

/** Seconds a Pod gets to end: what is asked, else its own; none when it has ended. Negative means one second. */
function grace({ spec, status }: KubeObject, asked: number | undefined): number {
  if (isOver(status?.phase)) return 0;
  const seconds = asked ?? spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  return seconds < 0 ? 1 : countedGrace(seconds);
}

/** A generation written into status never goes back to nothing, as upstream's pod/status. */
function keepObservedGeneration(next: KubeObject, old: KubeObject): KubeObject {
  const status = { ...next.status };
  status.observedGeneration ||= old.status?.observedGeneration;
  status.qosClass ||= old.status?.qosClass;
  if (status.observedGeneration === undefined) delete status.observedGeneration;
  return { ...next, status };
}

const status = statusUpdate((next, old) => validatePodStatusUpdate(next as Pod, old as Pod));

/** What is wrong, and what is right but cannot be done here. */
const refusals = (errors: FieldError[], pod: KubeObject): FieldError[] => [
  ...errors,
  ...unsupported((pod as Pod).spec),
];

/** The side of a Pod that takes containers for a look at it while it runs. */
const ephemeralContainers: UpdateStrategy = {
  prepare: (next, old) => {
    const added: EphemeralContainer[] = next.spec?.ephemeralContainers ?? [];
    return { ...old, spec: { ...old.spec, ephemeralContainers: added.map(defaultEphemeralContainer) } };
  },
  validate: (next, old) => refusals(validateEphemeralContainersUpdate(next as Pod, old as Pod), next),
};

/** The side of a Pod that takes other resources while it runs: the rest of it stays, whatever was sent. */
const resize: UpdateStrategy = {
  prepare: (next, old) => ({ ...old, spec: resizedSpec(next as Pod, old as Pod) }),
  validate: (next, old) => refusals(validateResize(next as Pod, old as Pod), next),
  admission: admitPodResize,
};

/** Containers that were moved, added or taken away are left as sent, for the validation to name them. */
function resizedSpec({ spec: next }: Pod, { spec: old }: Pod): PodSpec {
  const resized = (sent: Container[], before: Container[]) =>
    sent.length === before.length && sent.every(({ name }, index) => name === before[index]!.name)
      ? before.map((c, index) => withResources(c, sent[index]!))
      : sent;
  const containers = resized(next.containers, old.containers);
  const initContainers = next.initContainers && resized(next.initContainers, old.initContainers ?? []);
  const { resources: _, ...kept } = old;
  return {
    ...kept,
    ...(next.resources && { resources: next.resources }),
    containers,
    ...(initContainers && { initContainers }),
  };
}

function withResources({ resources: _, resizePolicy: __, ...container }: Container, sent: Container): Container {
  const { resources, resizePolicy } = sent;
  return { ...container, ...(resources && { resources }), ...(resizePolicy && { resizePolicy }) };
}

const strategy: Strategy = {
  defaults: (object) => defaultPod({ ...object, spec: object.spec ?? { containers: [] } } as Pod),
  create: {
    prepare: async (sent, { store }) => {
      admitPriority(sent);
      const pod = withAppArmorProfiles(await admitServiceAccount(await admitRuntimeClass(sent, store), store));
      return {
        ...pod,
        metadata: { ...pod.metadata, generation: 1 },
        status: { phase: 'Pending', qosClass: qosClass((pod as Pod).spec) },
      };
    },
    validate: (pod) => refusals(validatePod(pod as Pod), pod),
  },
  update: {
    prepare: keepStatus,
    validate: (next, old) => refusals(validatePodUpdate(next as Pod, old as Pod), next),
  },
  deletion: { grace, showsObject: true },
};

const attachQuery: Query = {
  container: 'string',
  stdin: 'boolean',
  stdout: 'boolean',
  stderr: 'boolean',
  tty: 'boolean',
};

const logQuery: Query = {
  container: 'string',
  follow: 'boolean',
  limitBytes: 'integer',
  previous: 'boolean',
  sinceSeconds: 'integer',
  sinceTime: 'string',
  stream: 'string',
  tailLines: 'integer',
  timestamps: 'boolean',
};

/** A connection that becomes another. */
const upgrade = (kind: string, query: Query): Subresource => ({
  kind,
  verbs: ['create', 'get'],
  isStream: true,
  query,
  answer: { code: 101 },
});

export const pods = resource({
  plural: 'pods',
  kind: 'Pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  strategy,
  subresources: {
    status: {
      kind: 'Pod',
      verbs: ['get', 'patch', 'update'],
      update: { ...status, prepare: (next, old) => keepObservedGeneration(status.prepare(next, old), old) },
    },
    ephemeralcontainers: { kind: 'Pod', verbs: ['get', 'patch', 'update'], update: ephemeralContainers },
    resize: { kind: 'Pod', verbs: ['get', 'patch', 'update'], update: resize },
    binding: { kind: 'Binding', verbs: ['create'], answer: { code: 201, isStatus: true } },
    eviction: {
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
      answer: { code: 201, isStatus: true },
    },
    files: {
      verbs: ['create'],
      query: { container: 'string', path: 'string', mode: 'string' },
      answer: { code: 201, type: 'application/json' },
    },
    restart: { verbs: ['create'], query: { container: 'string' }, answer: { code: 200, isStatus: true } },
    log: {
      kind: 'Pod',
      verbs: ['get'],
      isStream: true,
      query: logQuery,
      answer: { code: 200, type: 'text/plain' },
    },
    exec: upgrade('PodExecOptions', { ...attachQuery, command: 'string' }),
    attach: upgrade('PodAttachOptions', attachQuery),
    proxy: {
      kind: 'PodProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      isStream: true,
      answer: { code: 'default', type: '*/*' },
      hasPathsBelow: true,
    },
    portforward: upgrade('PodPortForwardOptions', { ports: 'integer' }),
  },
});
