/** What may change of a Pod that exists. */
import { type FieldError, forbidden, invalid } from '../field-error.ts';
import type { Container, Pod, PodSpec } from '../types.ts';
import { validateAnnotationsUpdate } from './annotations.ts';
import { each, inRange, sameJson } from './check.ts';
import { validateMetadataUpdate } from './metadata.ts';
import { validateWholePod } from './pod.ts';
import type { Toleration } from './scheduling.ts';

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds` (may be set or lowered)',
  '`spec.tolerations` (only additions)',
  '`spec.terminationGracePeriodSeconds` (only from a negative value to 1)',
].join(', ');
const MAX_DEADLINE = 2 ** 31 - 1;

/** What is wrong with replacing `old` by `next`. Both are defaulted. */
export function validatePodUpdate(next: Pod, old: Pod): FieldError[] {
  const errors = [
    ...validateMetadataUpdate(next.metadata, old.metadata),
    ...validateWholePod(next),
    ...validateAnnotationsUpdate(next, old),
  ];
  const count = countChanged(next.spec, old.spec);
  if (count.length > 0) return unrepeated([...errors, ...count]);
  const gated = (old.spec.schedulingGates?.length ?? 0) > 0;
  return unrepeated([
    ...errors,
    ...validateDeadline(next.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds),
    ...validateTolerationsKept(next.spec.tolerations, old.spec.tolerations),
    ...validateGatesRemoved(next.spec.schedulingGates, old.spec.schedulingGates),
    ...(gated ? validateGated(next.spec, old.spec) : []),
    ...(sameJson(withoutUpdatable(next.spec, old.spec, gated), old.spec)
      ? []
      : [forbidden('spec', `pod updates may not change fields other than ${UPDATABLE}`)]),
  ]);
}

/** The same error found by two rules is told once. */
const unrepeated = (errors: FieldError[]): FieldError[] =>
  errors.filter((error, index) => errors.findIndex((other) => sameJson(other, error)) === index);

const countChanged = (next: PodSpec, old: PodSpec): FieldError[] =>
  (['containers', 'initContainers'] as const).flatMap((name) =>
    (next[name]?.length ?? 0) === (old[name]?.length ?? 0)
      ? []
      : [forbidden(`spec.${name}`, 'pod updates may not add or remove containers')],
  );

function validateDeadline(next: number | undefined, old: number | undefined): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  if (next == null) {
    return old == null ? [] : [invalid(path, null, 'must not be removed once it is set')];
  }
  const range = inRange(1, MAX_DEADLINE, path, next);
  if (range.length > 0) return range;
  return old != null && next > old ? [invalid(path, next, 'must be less than or equal to previous value')] : [];
}

function validateTolerationsKept(next: Toleration[] = [], old: Toleration[] = []): FieldError[] {
  const bare = (t: Toleration) => ({ ...t, tolerationSeconds: undefined });
  return old.every((toleration) => next.some((other) => sameJson(bare(toleration), bare(other))))
    ? []
    : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

const validateGatesRemoved = (next: PodSpec['schedulingGates'], old: PodSpec['schedulingGates']): FieldError[] =>
  each(next, 'spec.schedulingGates', ({ name }, at) =>
    old?.some((gate) => gate.name === name)
      ? []
      : [forbidden(`${at}.name`, `only deletion is allowed, but found new scheduling gate '${name}'`)],
  );

/** While it is gated, a Pod may be narrowed to fewer nodes (KEP-3838). */
function validateGated(next: PodSpec, old: PodSpec): FieldError[] {
  const kept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => next.nodeSelector?.[key] === value);
  return [
    ...(kept
      ? []
      : [
          invalid(
            'spec.nodeSelector',
            next.nodeSelector,
            'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
          ),
        ]),
    ...validateNodeAffinityNarrowed(next, old),
  ];
}

function validateNodeAffinityNarrowed(next: PodSpec, old: PodSpec): FieldError[] {
  const terms = (spec: PodSpec) =>
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  const before = terms(old);
  const after = terms(next);
  if (before.length === 0) return [];
  if (after.length !== before.length) {
    return [invalid(path, after, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  }
  const startsWith = (list: unknown[] = [], start: unknown[] = []) => sameJson(list.slice(0, start.length), start);
  return each(after, path, (term, at, index) => {
    const { matchExpressions = [], matchFields = [] } = before[index]!;
    const wasEmpty = matchExpressions.length === 0 && matchFields.length === 0;
    const grew = (term.matchExpressions?.length ?? 0) > 0 || (term.matchFields?.length ?? 0) > 0;
    const kept = startsWith(term.matchExpressions, matchExpressions) && startsWith(term.matchFields, matchFields);
    return kept && !(wasEmpty && grew)
      ? []
      : [invalid(at, term, 'only additions are allowed (no mutations or deletions)')];
  });
}

/** The new spec with the old values of all that may change (and was checked above), so that the rest can be compared. */
function withoutUpdatable(next: PodSpec, old: PodSpec, gated: boolean): PodSpec {
  const images = (list: Container[] | undefined, before: Container[] | undefined) =>
    list?.map((container, index) => ({ ...container, image: before?.[index]?.image }));
  const grace =
    (old.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1
      ? old.terminationGracePeriodSeconds
      : next.terminationGracePeriodSeconds;
  return {
    ...next,
    containers: images(next.containers, old.containers) ?? [],
    initContainers: images(next.initContainers, old.initContainers) ?? old.initContainers,
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
    terminationGracePeriodSeconds: grace,
    ...(gated ? { nodeSelector: old.nodeSelector, affinity: withOldNodeAffinity(next.affinity, old.affinity) } : {}),
  };
}

function withOldNodeAffinity(next: PodSpec['affinity'], old: PodSpec['affinity']): PodSpec['affinity'] {
  const affinity = { ...next, nodeAffinity: old?.nodeAffinity };
  const empty = Object.values(affinity).every((part) => part == null);
  return empty && old == null ? undefined : affinity;
}

const EPHEMERAL = 'spec.ephemeralContainers';

/** The subresource `ephemeralcontainers`: containers may be added, nothing else changes. */
export function validateEphemeralContainersUpdate(next: Pod, old: Pod): FieldError[] {
  const after = next.spec.ephemeralContainers ?? [];
  return unrepeated([
    ...validateMetadataUpdate(next.metadata, old.metadata),
    ...validateWholePod(next),
    ...validateAnnotationsUpdate(next, old),
    ...(old.spec.ephemeralContainers ?? []).flatMap((container) => {
      const same = after.find((c) => c.name === container.name);
      if (!same) return [forbidden(EPHEMERAL, `existing ephemeral container "${container.name}" may not be removed`)];
      return sameJson(same, container)
        ? []
        : [forbidden(EPHEMERAL, `existing ephemeral container "${container.name}" may not be changed`)];
    }),
    ...(sameJson({ ...next.spec, ephemeralContainers: undefined }, { ...old.spec, ephemeralContainers: undefined })
      ? []
      : [forbidden('spec', 'only ephemeralContainers may be changed here')]),
  ]);
}
