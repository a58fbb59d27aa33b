/**
 * Whether a container that ended starts again.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
 */
import type { ContainerRecord, Exit } from './record.ts';
import type { ContainerView, PodView, RestartPolicy } from './view.ts';

/** `done`: it ended for good. `failed`: likewise, but not as it should. `restart-all`: the whole Pod's containers run again. */
export type AfterExit = 'restart' | 'restart-all' | 'done' | 'failed';

/** The policy a container follows: its own, else the Pod's; for init containers Always means OnFailure, sidecars always run. */
export function effectivePolicy(pod: PodView, container: ContainerView): RestartPolicy {
  if (container.kind === 'sidecar') return 'Always';
  if (container.kind === 'ephemeral') return 'Never';
  const policy = container.restartPolicy ?? pod.restartPolicy;
  return container.kind === 'init' && policy === 'Always' ? 'OnFailure' : policy;
}

export function afterExit(pod: PodView, container: ContainerView, exit: Exit): AfterExit {
  for (const rule of container.restartRules) {
    const listed = rule.exitCodes.includes(exit.exitCode);
    if (listed === (rule.operator === 'In')) return rule.action === 'Restart' ? 'restart' : 'restart-all';
  }
  const policy = effectivePolicy(pod, container);
  if (policy === 'Always') return 'restart';
  if (exit.exitCode === 0) return 'done';
  return policy === 'OnFailure' ? 'restart' : 'failed';
}

/** True when a container has ended and will not start again. */
export function endedForGood(pod: PodView, container: ContainerView, record: ContainerRecord | undefined): boolean {
  if (record?.phase !== 'exited' || !record.exit) return false;
  const next = afterExit(pod, container, record.exit);
  return next === 'done' || next === 'failed';
}

/**
 * Whether the end of a container stands when its Pod starts anew: an ephemeral container never runs twice, and the loss
 * of a sandbox is no reason to run again what had ended for good. (The kubelet's computePodActions.)
 */
export function endStands(
  pod: PodView,
  container: ContainerView,
  record: ContainerRecord,
  sandboxLost: boolean,
): boolean {
  if (container.kind === 'ephemeral') return record.phase === 'exited';
  return sandboxLost && container.kind === 'main' && endedForGood(pod, container, record);
}

/**
 * Whether a Pod whose sandbox was lost may run again. With restartPolicy Never it may as long as no container was cut
 * off: what completed did so by itself, and what has not started yet has lost nothing.
 */
export function mayRestartPod(pod: PodView, records: ContainerRecord[]): boolean {
  if (pod.restartPolicy !== 'Never') return true;
  return !pod.containers.some((c) => {
    const record = records.find((r) => r.name === c.name);
    return record !== undefined && c.kind !== 'ephemeral' && c.kind !== 'sidecar' && record.phase === 'running';
  });
}
