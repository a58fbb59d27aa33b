/**
 * In-place resize (KEP-1287). What a Pod wants (its spec), what its node granted it (the allocation) and what its
 * containers run with are the same at rest; a resize goes through them in this order.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-resize
 */
import { parseQuantity } from './quantity.ts';
import type { ContainerRecord } from './record.ts';
import type { Requirements, ResourceList } from './resources.ts';
import type { PodCondition } from './types.ts';
import type { ContainerView, PodView } from './view.ts';

/** What each container was granted, by its name. */
export type Allocation = Record<string, Requirements>;

/** `Infeasible`: this node never has so much. `Deferred`: it has not at the moment. */
export interface Refusal {
  reason: 'Infeasible' | 'Deferred';
  message: string;
}

export interface ResizeState {
  /** Absent until the Pod has a node. */
  allocated?: Allocation;
  /** A resize that was not granted, and the generation of the spec that wants it. */
  pending?: Refusal & { generation: number };
  /** One that was granted and is being carried out; `error` says why it could not be yet. */
  resizing?: { generation: number; error?: string };
}

export const RESIZE_CONDITIONS = ['PodResizePending', 'PodResizeInProgress'];

/** What the Pod wants; undefined when its view does not say (it was drawn by an older version). */
export function wantedBy({ containers }: PodView): Allocation | undefined {
  const resizable = containers.filter((c) => c.kind !== 'ephemeral');
  if (resizable.some((c) => c.resources === undefined)) return undefined;
  return Object.fromEntries(resizable.map((c) => [c.name, c.resources ?? {}]));
}

/** True while the Pod wants something else than it was granted. */
export function wantsResize(pod: PodView, { allocated = {} }: ResizeState): boolean {
  return Object.entries(wantedBy(pod) ?? {}).some(([name, wanted]) => differing(wanted, allocated[name]).length > 0);
}

/** The running containers that do not have what they were granted. Those not running get it when they start. */
export function toResize(pod: PodView, records: ContainerRecord[], { allocated = {} }: ResizeState): ContainerView[] {
  return pod.containers.filter(({ name }) => {
    const record = records.find((r) => r.name === name);
    const granted = allocated[name];
    return granted && record?.phase === 'running' && differing(granted, record.resources).length > 0;
  });
}

/** Whether a container has to restart to get what it was granted. Where nobody knows what it has, it is updated. */
export function restartsFor(
  { resizeRestarts = [] }: ContainerView,
  granted: Requirements,
  has?: Requirements,
): boolean {
  return has !== undefined && differing(granted, has).some((name) => resizeRestarts.includes(name));
}

/** Whether a container's memory limit comes down, or begins. */
export function lowersMemory({ limits = {} }: Requirements, has: Requirements = {}): boolean {
  const before = has.limits?.memory;
  if (limits.memory === undefined) return false;
  return before === undefined || parseQuantity(limits.memory).nanos < parseQuantity(before).nanos;
}

/** The resources of which two requirements say something else, however it is written. */
function differing(a: Requirements, b: Requirements = {}): string[] {
  return (['requests', 'limits'] as const).flatMap((kind) => {
    const names = new Set([...Object.keys(a[kind] ?? {}), ...Object.keys(b[kind] ?? {})]);
    return [...names].filter((name) => !sameQuantity(a[kind]?.[name], b[kind]?.[name]));
  });
}

function sameQuantity(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || parseQuantity(a).nanos === parseQuantity(b).nanos;
}

/** The conditions that tell of a resize; none when there is none. */
export function resizeConditions(
  pod: PodView,
  state: ResizeState,
  before: PodCondition[],
  now: string,
): PodCondition[] {
  const { pending, resizing } = state;
  const conditions: PodCondition[] = [];
  const add = (type: string, generation: number, reason?: string, message?: string) => {
    const old = before.find((c) => c.type === type);
    const why = { ...(reason && { reason }), ...(message && { message }) };
    const times = { lastProbeTime: null, lastTransitionTime: old?.lastTransitionTime ?? now };
    conditions.push({
      type,
      status: 'True',
      observedGeneration: generation,
      ...why,
      ...times,
    } as unknown as PodCondition);
  };
  if (pending) add('PodResizePending', pending.generation, pending.reason, pending.message);
  // From the moment that it is seen, so that nobody takes the new generation for resized already.
  const seen = !pending && wantsResize(pod, state) ? (pod.generation ?? 0) : undefined;
  const underWay = resizing?.generation ?? seen;
  if (underWay !== undefined) {
    add('PodResizeInProgress', underWay, resizing?.error === undefined ? undefined : 'Error', resizing?.error);
  }
  return conditions;
}

/** The text of an event about a resize: what it is, and the resources it is about, as the kubelet writes it. */
export function resizeMessage(
  what: string,
  pod: PodView,
  resources: Allocation,
  generation: number,
  error = '',
): string {
  const named = (...kinds: ContainerView['kind'][]) =>
    pod.containers
      .filter((c) => kinds.includes(c.kind))
      .map(({ name }) => ({ name, resources: inOrder(resources[name]) }));
  const inits = named('init', 'sidecar');
  const summary = {
    ...(inits.length > 0 && { initContainers: inits }),
    containers: named('main'),
    generation,
    ...(error && { error }),
  };
  return `Pod resize ${what}: ${JSON.stringify(summary)}`;
}

function inOrder({ limits, requests }: Requirements = {}): Requirements {
  const sorted = (list: ResourceList) => Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...(limits && { limits: sorted(limits) }), ...(requests && { requests: sorted(requests) }) };
}
