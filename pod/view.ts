/**
 * What a Pod's workflow decides on, drawn from the Pod. Small on purpose, because signals carry it and history keeps it;
 * and free of environment values, so that nothing secret gets there. The node reads the rest from the API itself.
 */
import { countedGrace } from './grace.ts';
import type { Requirements } from './resources.ts';
import type { Container, Pod, PodRef } from './types.ts';

export type ContainerKind = 'init' | 'sidecar' | 'main' | 'ephemeral';
export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export interface RestartRule {
  action: 'Restart' | 'RestartAllContainers';
  operator: 'In' | 'NotIn';
  exitCodes: number[];
}

export interface ContainerView {
  name: string;
  kind: ContainerKind;
  image: string;
  pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** The container's own policy, where it has one (KEP-5307). */
  restartPolicy?: RestartPolicy;
  restartRules: RestartRule[];
  postStart: boolean;
  preStop: boolean;
  probes: { startup: boolean; liveness: boolean; readiness: boolean };
  /** What it is to have of the node. Absent of ephemeral containers, and in views of before containers were resized. */
  resources?: Requirements;
  /** Of which resources a change restarts the container. */
  resizeRestarts?: string[];
  /** Seconds to end in, where a failed probe has its own. */
  probeGrace?: { startup?: number; liveness?: number };
}

export interface PodView extends PodRef {
  resourceVersion: string;
  /** Counts changes of the spec. */
  generation?: number;
  nodeName?: string;
  /** It has scheduling gates: no node is looked for until they are taken away. */
  gated?: true;
  restartPolicy: RestartPolicy;
  graceSeconds: number;
  activeDeadlineSeconds?: number;
  /** Init containers in their order, then main ones, then ephemeral ones. */
  containers: ContainerView[];
  /** Condition types that must be True for Ready, which of them are, and how the condition stands where there is one. */
  readinessGates: { type: string; met: boolean; status?: string }[];
  /** Present once deletion was asked for; `gone` when the object is already out of the store. */
  deletion?: { at: string; graceSeconds: number; gone?: boolean };
  /** What a changed init container image does: the seed's rule, or upstream's (nothing until the next restart). */
  initImageChange: 'RestartPod' | 'Ignore';
}

/** Chooses what a new image of an init container does: `RestartPod` (default) or `Ignore` (upstream's rule). */
export const INIT_IMAGE_CHANGE = 'durapod.io/init-image-change';

/** The view of a Pod as stored (defaults applied). */
export function viewOf(pod: Pod): PodView {
  const { metadata, spec, status } = pod;
  const statusOf = (type: string) => status?.conditions?.find((c) => c.type === type)?.status;
  const view: PodView = {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '0',
    ...(metadata.generation !== undefined && { generation: metadata.generation }),
    nodeName: spec.nodeName,
    ...(spec.schedulingGates?.length && { gated: true as const }),
    restartPolicy: (spec.restartPolicy ?? 'Always') as RestartPolicy,
    graceSeconds: countedGrace(spec.terminationGracePeriodSeconds ?? 30),
    activeDeadlineSeconds: spec.activeDeadlineSeconds,
    containers: [
      ...(spec.initContainers ?? []).map((c) => containerView(c, c.restartPolicy === 'Always' ? 'sidecar' : 'init')),
      ...spec.containers.map((c) => containerView(c, 'main')),
      ...(spec.ephemeralContainers ?? []).map((c) => containerView(c as Container, 'ephemeral')),
    ],
    readinessGates: (spec.readinessGates ?? []).map(({ conditionType: type }) => {
      const status = statusOf(type);
      return { type, met: status === 'True', ...(status && { status }) };
    }),
    initImageChange: metadata.annotations?.[INIT_IMAGE_CHANGE] === 'Ignore' ? 'Ignore' : 'RestartPod',
  };
  if (metadata.deletionTimestamp) {
    const graceSeconds = countedGrace(metadata.deletionGracePeriodSeconds ?? 0);
    view.deletion = { at: metadata.deletionTimestamp, graceSeconds };
  }
  return view;
}

/** https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/: probe-level terminationGracePeriodSeconds. */
function probeGraceOf({ startupProbe, livenessProbe }: Container): Pick<ContainerView, 'probeGrace'> {
  const startup = startupProbe?.terminationGracePeriodSeconds;
  const liveness = livenessProbe?.terminationGracePeriodSeconds;
  if (startup === undefined && liveness === undefined) return {};
  return { probeGrace: { startup: startup && countedGrace(startup), liveness: liveness && countedGrace(liveness) } };
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#container-resize-policies */
function resourcesOf({ resources = {}, resizePolicy = [] }: Container): Partial<ContainerView> {
  const { requests, limits } = resources;
  const restarts = resizePolicy.filter((p) => p.restartPolicy === 'RestartContainer').map((p) => p.resourceName);
  return {
    resources: { ...(requests && { requests }), ...(limits && { limits }) },
    ...(restarts.length > 0 && { resizeRestarts: restarts }),
  };
}

function containerView(container: Container, kind: ContainerKind): ContainerView {
  return {
    name: container.name,
    kind,
    image: container.image ?? '',
    pullPolicy: (container.imagePullPolicy ?? 'IfNotPresent') as ContainerView['pullPolicy'],
    restartPolicy: container.restartPolicy as RestartPolicy | undefined,
    restartRules: (container.restartPolicyRules ?? []).map((rule) => ({
      action: rule.action as RestartRule['action'],
      operator: (rule.exitCodes?.operator ?? 'In') as RestartRule['operator'],
      exitCodes: rule.exitCodes?.values ?? [],
    })),
    postStart: container.lifecycle?.postStart !== undefined,
    preStop: container.lifecycle?.preStop !== undefined,
    probes: {
      startup: container.startupProbe !== undefined,
      liveness: container.livenessProbe !== undefined,
      readiness: container.readinessProbe !== undefined,
    },
    ...probeGraceOf(container),
    ...(kind !== 'ephemeral' && resourcesOf(container)),
  };
}

/** How a Pod is written in the kubelet's messages. */
export function podTitle(pod: PodRef): string {
  return `${pod.name}_${pod.namespace}(${pod.uid})`;
}
