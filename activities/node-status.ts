/** The Node object: what the node says of itself, and whether it still does. */
import { randomUUID } from 'node:crypto';
import type { NodeControlActivities, NodeFacts } from '../pod/contract.ts';
import { kubeTime } from '../pod/time.ts';
import type { Node } from '../pod/types.ts';
import { AlreadyExists, type Key, type Store, type StoredObject } from '../store/port.ts';

type Publish = Parameters<NodeControlActivities['publishNode']>[0];
type Condition = NonNullable<NonNullable<Node['status']>['conditions']>[number];

/**
 * Creates the Node or brings it up to date. What clients wrote (labels, taints, unschedulable) stays, but the labels that
 * the node has a value for are its own, as the kubelet's are.
 */
export async function publishNode(store: Store, input: Publish): Promise<void> {
  const key: Key = { resource: 'nodes', namespace: '', name: input.name };
  const now = kubeTime(Date.now());
  if (input.facts && !(await store.get(key))) {
    const fresh = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: input.name, uid: randomUUID(), creationTimestamp: now },
      spec: {},
    };
    await store.create(key, withStatus(fresh as StoredObject, input, now), 'workflow').catch((error) => {
      if (!(error instanceof AlreadyExists)) throw error;
    });
  }
  await store.update(key, (current) => withStatus(current, input, now), 'workflow');
}

function withStatus(object: StoredObject, { facts, ready, message }: Omit<Publish, 'name'>, now: string): StoredObject {
  const node = object as unknown as Node;
  const conditions = conditionsOf({ facts, ready, message }, node.status?.conditions ?? [], now);
  return {
    ...object,
    ...(facts && { spec: withTaints(node.spec, facts.pressure ?? []) }),
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...facts?.labels } },
    status: { ...node.status, ...(facts && fromFacts(facts)), conditions },
  };
}

/** Upstream's node lifecycle controller keeps Pods away so; https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-nodes-by-condition */
function withTaints(spec: Node['spec'], pressure: string[]): Node['spec'] {
  const own = Object.values(PRESSURE).map(({ taint }) => taint);
  const others = (spec?.taints ?? []).filter(({ key, effect }) => !(own.includes(key) && effect === 'NoSchedule'));
  const taints = [
    ...others,
    ...Object.entries(PRESSURE)
      .filter(([condition]) => pressure.includes(condition))
      .map(([, { taint: key }]) => ({ key, effect: 'NoSchedule' })),
  ];
  const { taints: _, ...rest } = spec ?? {};
  return taints.length > 0 ? { ...rest, taints } : rest;
}

function fromFacts({ addresses, capacity, allocatable, nodeInfo, features, port }: NodeFacts) {
  return { addresses, capacity, allocatable, nodeInfo, features, daemonEndpoints: { kubeletEndpoint: { Port: port } } };
}

/** By condition: its taint, and reason and message of when it holds and when it does not, in the kubelet's words. */
const PRESSURE: Record<string, { taint: string; yes: [string, string]; no: [string, string] }> = {
  MemoryPressure: {
    taint: 'node.kubernetes.io/memory-pressure',
    yes: ['KubeletHasInsufficientMemory', 'node has insufficient memory available'],
    no: ['KubeletHasSufficientMemory', 'node has sufficient memory available'],
  },
  DiskPressure: {
    taint: 'node.kubernetes.io/disk-pressure',
    yes: ['KubeletHasDiskPressure', 'node has disk pressure'],
    no: ['KubeletHasNoDiskPressure', 'node has no disk pressure'],
  },
  PIDPressure: {
    taint: 'node.kubernetes.io/pid-pressure',
    yes: ['KubeletHasInsufficientPID', 'node has insufficient PID available'],
    no: ['KubeletHasSufficientPID', 'node has sufficient PID available'],
  },
};

type Verdict = [type: string, status: string, reason: string, message: string];

function conditionsOf({ facts, ready, message }: Omit<Publish, 'name'>, before: Condition[], now: string): Condition[] {
  const silent = (type: string): Verdict => [type, 'Unknown', 'NodeStatusUnknown', message];
  const pressure = Object.entries(PRESSURE).map(([type, { yes, no }]): Verdict => {
    if (!ready) return silent(type);
    return facts?.pressure?.includes(type) ? [type, 'True', ...yes] : [type, 'False', ...no];
  });
  const verdicts = [...pressure, ready ? (['Ready', 'True', 'KubeletReady', message] as Verdict) : silent('Ready')];
  const own = verdicts.map(([type, status, reason, text]) => {
    const old = before.find((c) => c.type === type);
    const lastHeartbeatTime = ready ? now : old?.lastHeartbeatTime;
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
    return { type, status, reason, message: text, lastHeartbeatTime, lastTransitionTime } as Condition;
  });
  const others = before.filter(({ type }) => !own.some((c) => c.type === type));
  return [...others, ...own];
}
