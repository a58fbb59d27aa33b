/** The Node object: what the node says of itself, and whether it still does. */
import { randomUUID } from 'node:crypto';
import type { NodeControlActivities, NodeFacts } from '../pod/contract.ts';
import { kubeTime } from '../pod/time.ts';
import type { Node } from '../pod/types.ts';
import { AlreadyExists, type Key, type Store, type StoredObject } from '../store/port.ts';

type Publish = Parameters<NodeControlActivities['publishNode']>[0];
type Condition = NonNullable<NonNullable<Node['status']>['conditions']>[number];

/** Creates the Node or brings its status up to date; what clients wrote (labels, taints, unschedulable) stays. */
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

function withStatus(object: StoredObject, { facts, ready, message }: Publish, now: string): StoredObject {
  const node = object as unknown as Node;
  const conditions = conditionsOf(ready, message, node.status?.conditions ?? [], now);
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...facts?.labels, ...object.metadata.labels } },
    status: { ...node.status, ...(facts && fromFacts(facts)), conditions },
  };
}

function fromFacts({ addresses, capacity, allocatable, nodeInfo, features, port }: NodeFacts) {
  return { addresses, capacity, allocatable, nodeInfo, features, daemonEndpoints: { kubeletEndpoint: { Port: port } } };
}

function conditionsOf(ready: boolean, message: string, before: Condition[], now: string): Condition[] {
  const verdicts: [string, string, string, string][] = [
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'node has sufficient memory available'],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'node has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'node has sufficient PID available'],
    ['Ready', ready ? 'True' : 'Unknown', ready ? 'KubeletReady' : 'NodeStatusUnknown', message],
  ];
  return verdicts.map(([type, verdict, reason, text]) => {
    const status = ready || type === 'Ready' ? verdict : 'Unknown';
    const old = before.find((c) => c.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
    return { type, status, reason, message: text, lastHeartbeatTime: now, lastTransitionTime } as Condition;
  });
}
