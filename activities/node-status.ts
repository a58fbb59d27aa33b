/** The Node object: what the node says of itself, and whether it still does. */
import { randomUUID } from 'node:crypto';
import type { NodeControlActivities, NodeFacts } from '../pod/contract.ts';
import { isTrue } from '../pod/is-true.ts';
import { nodeSubject } from '../pod/node-subject.ts';
import { withPressureTaints } from '../pod/pressure.ts';
import { kubeTime } from '../pod/time.ts';
import type { Node } from '../pod/types.ts';
import { AlreadyExists, type Key, type Store, type StoredObject } from '../store/port.ts';
import { writeEvent } from './events.ts';

type Publish = Parameters<NodeControlActivities['publishNode']>[0];
type Condition = NonNullable<NonNullable<Node['status']>['conditions']>[number];

/**
 * Creates the Node or brings it up to date. What clients wrote (labels, taints, unschedulable) stays, but the labels that
 * the node has a value for are its own, as the kubelet's are.
 */
export async function publishNode(store: Store, input: Publish): Promise<void> {
  const { name, facts, ready } = input;
  const key: Key = { resource: 'nodes', namespace: '', name };
  const now = kubeTime(Date.now());
  const before = await store.get(key);
  // A Node that a client has deleted comes back when it registers, not when it falls silent.
  if (!before && !facts) return;
  if (!before) {
    const metadata = { name, uid: randomUUID(), creationTimestamp: now };
    const fresh = { apiVersion: 'v1', kind: 'Node', metadata, spec: {} };
    await store.create(key, withStatus(fresh as StoredObject, input, now), 'workflow').catch((error) => {
      if (!(error instanceof AlreadyExists)) throw error;
    });
  }
  await store.update(key, (current) => withStatus(current, input, now), 'workflow');
  if (!before) await say(store, name, 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`);
  if (isTrue((before as Node | undefined)?.status?.conditions, 'Ready') === ready) return;
  const reason = ready ? 'NodeReady' : 'NodeNotReady';
  await say(store, name, reason, `Node ${name} status is now: ${reason}`);
}

/** An event of the node, as upstream's node controllers have them. */
function say(store: Store, name: string, reason: string, message: string): Promise<void> {
  const at = new Date().toISOString();
  const [sequence] = crypto.getRandomValues(new Uint16Array(1));
  const event = { type: 'Normal', reason, message, at, firstAt: at, sequence: sequence!, count: 1 } as const;
  return writeEvent(store, nodeSubject(name), event);
}

function withStatus(object: StoredObject, { facts, ready, message }: Omit<Publish, 'name'>, now: string): StoredObject {
  const node = object as unknown as Node;
  const conditions = conditionsOf({ facts, ready, message }, node.status?.conditions ?? [], now);
  const next = {
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...facts?.labels } },
    status: { ...node.status, ...(facts && fromFacts(facts)), conditions },
  };
  return withPressureTaints(next as Node) as StoredObject;
}

function fromFacts({ addresses, capacity, allocatable, nodeInfo, features, port }: NodeFacts) {
  return { addresses, capacity, allocatable, nodeInfo, features, daemonEndpoints: { kubeletEndpoint: { Port: port } } };
}

/** By condition: reason and message of when it holds and when it does not, in the kubelet's words. */
const PRESSURE: Record<string, { yes: [string, string]; no: [string, string] }> = {
  MemoryPressure: {
    yes: ['KubeletHasInsufficientMemory', 'node has insufficient memory available'],
    no: ['KubeletHasSufficientMemory', 'node has sufficient memory available'],
  },
  DiskPressure: {
    yes: ['KubeletHasDiskPressure', 'node has disk pressure'],
    no: ['KubeletHasNoDiskPressure', 'node has no disk pressure'],
  },
  PIDPressure: {
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
