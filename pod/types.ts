/**
 * The Kubernetes objects durapod serves, as they are on the wire (JSON). The shapes come from the Kubernetes
 * project's own TypeScript client, whose timestamps are Dates; on the wire they are RFC 3339 strings.
 */
import type { CoreV1Event } from '@kubernetes/client-node/dist/gen/models/CoreV1Event.d.ts';
import type { V1Container } from '@kubernetes/client-node/dist/gen/models/V1Container.d.ts';
import type { V1ContainerStatus } from '@kubernetes/client-node/dist/gen/models/V1ContainerStatus.d.ts';
import type { V1EphemeralContainer } from '@kubernetes/client-node/dist/gen/models/V1EphemeralContainer.d.ts';
import type { V1Node } from '@kubernetes/client-node/dist/gen/models/V1Node.d.ts';
import type { V1ObjectMeta } from '@kubernetes/client-node/dist/gen/models/V1ObjectMeta.d.ts';
import type { V1Pod } from '@kubernetes/client-node/dist/gen/models/V1Pod.d.ts';
import type { V1PodCondition } from '@kubernetes/client-node/dist/gen/models/V1PodCondition.d.ts';
import type { V1PodSpec } from '@kubernetes/client-node/dist/gen/models/V1PodSpec.d.ts';
import type { V1PodStatus } from '@kubernetes/client-node/dist/gen/models/V1PodStatus.d.ts';
import type { V1Probe } from '@kubernetes/client-node/dist/gen/models/V1Probe.d.ts';
import type { V1Volume } from '@kubernetes/client-node/dist/gen/models/V1Volume.d.ts';

/** A client type as its JSON: every Date is an RFC 3339 string. */
export type Json<T> = T extends Date
  ? string
  : T extends (infer E)[]
    ? Json<E>[]
    : T extends object
      ? { [K in keyof T]: Json<T[K]> }
      : T;

export type Pod = Json<V1Pod> & { metadata: ObjectMeta; spec: PodSpec };
export type PodSpec = Json<V1PodSpec>;
export type PodStatus = Json<V1PodStatus>;
export type PodCondition = Json<V1PodCondition>;
export type Container = Json<V1Container>;
export type EphemeralContainer = Json<V1EphemeralContainer>;
export type ContainerStatus = Json<V1ContainerStatus>;
export type ObjectMeta = Json<V1ObjectMeta>;
export type Node = Json<V1Node> & { metadata: ObjectMeta };
export type Event = Json<CoreV1Event>;
export type Probe = Json<V1Probe>;
export type Volume = Json<V1Volume>;

/** Any Kubernetes object, as stored and served. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  // biome-ignore lint/suspicious/noExplicitAny: objects of kinds the code does not look into
  [field: string]: any;
}

/** Which Pod: what a workflow, an activity and a container's labels carry. */
export interface PodRef {
  namespace: string;
  name: string;
  uid: string;
}

/** What an event is about: a Pod, or the node itself. */
export interface EventSubject extends PodRef {
  kind?: 'Node';
}
