/**
 * What the API server fills in on a new Pod: the defaults of the core/v1 API and those a cluster's standard
 * admission adds (ServiceAccount, Priority, DefaultTolerationSeconds).
 */
import { InvalidReference, parseImageReference } from './image-reference.ts';
import { PREEMPTION_POLICY, priorityOfClass } from './priority.ts';
import { formatQuantity, isQuantity, parseQuantity, roundUpToMilli } from './quantity.ts';
import { effectiveResources, type ResourceList } from './resources.ts';
import type { Container, EphemeralContainer, Pod, PodSpec, Probe, Volume } from './types.ts';

const DEFAULT_MODE = 0o644;
const TOKEN_SECONDS = 3600;
const EVICTION_SECONDS = 300;

/** The Pod with everything defaulted; the one given is not changed. Quantities come out canonical. */
export function defaultPod(pod: Pod): Pod {
  const result = defaultPodTemplate(pod);
  const { spec } = result;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) requestsFromLimits(container);
  defaultPodResources(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) hostPorts(spec);

  spec.serviceAccountName ||= 'default';
  spec.serviceAccount = spec.serviceAccountName;
  spec.priority ??= priorityOfClass(spec.priorityClassName) ?? 0;
  spec.preemptionPolicy ||= PREEMPTION_POLICY;
  tolerateBriefOutages(spec);
  return result;
}

/** The same for a template that Pods are made from: what depends on a Pod's being created is left for then. */
export function defaultPodTemplate(template: Pod): Pod {
  const result = withoutNulls(template) as Pod;
  result.spec = withoutZeros(result.spec) as PodSpec;
  const { spec } = result;
  for (const container of allContainers(spec)) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  canonicalize(spec.overhead);
  canonicalize(spec.resources?.limits);
  canonicalize(spec.resources?.requests);
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  const account = spec.serviceAccountName || spec.serviceAccount;
  if (account) Object.assign(spec, { serviceAccountName: account, serviceAccount: account });
  return result;
}

/** The same for an ephemeral container that joins a running Pod. */
export function defaultEphemeralContainer(container: EphemeralContainer): EphemeralContainer {
  const result = withoutZeros(withoutNulls(container)) as EphemeralContainer;
  defaultContainer(result);
  return result;
}

/** A copy in which what is null is absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => (part === null ? [] : [[key, withoutNulls(part)]])),
  );
}

/** Fields whose zero value the API does not keep; elsewhere a false or a zero is an answer (`runAsUser: 0`). */
const OMITTED_ZEROS = new Set([
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'hostPort',
  'initialDelaySeconds',
  'readOnly',
  'stdin',
  'stdinOnce',
  'tty',
]);

/** A copy without the zeros that the API does not keep, so that equal specs are equal JSON. */
function withoutZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeros);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) =>
      (part === false || part === 0) && OMITTED_ZEROS.has(key) ? [] : [[key, withoutZeros(part)]],
    ),
  );
}

const allContainers = (spec: PodSpec): (Container | EphemeralContainer)[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

/** `Always` for images that may change under their name (tag latest), else `IfNotPresent`. */
function pullPolicy(image: string | undefined): string {
  try {
    return parseImageReference(image ?? '').tag === 'latest' ? 'Always' : 'IfNotPresent';
  } catch (error) {
    if (error instanceof InvalidReference) return 'IfNotPresent';
    throw error;
  }
}

function defaultContainer(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ||= pullPolicy(container.image);
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.resources ??= {};
  canonicalize(container.resources.limits);
  canonicalize(container.resources.requests);
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= 'v1';
    if (valueFrom?.resourceFieldRef) defaultDivisor(valueFrom.resourceFieldRef);
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false;
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) defaultProbe(probe);
  }
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) {
    if (handler?.httpGet) defaultHttpGet(handler.httpGet);
  }
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.httpGet) defaultHttpGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

function defaultHttpGet(action: NonNullable<Probe['httpGet']>): void {
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

/** A divisor of zero means one, and is how the API shows that none was given. */
function defaultDivisor(ref: { divisor?: string }): void {
  ref.divisor = isQuantity(ref.divisor ?? '0') ? formatQuantity(parseQuantity(ref.divisor ?? '0')) : ref.divisor!;
}

function defaultVolume(volume: Volume): void {
  const sources = Object.entries(volume).filter(([key, source]) => key !== 'name' && source);
  if (sources.length === 0) volume.emptyDir = {};
  const { configMap, downwardAPI, emptyDir, hostPath, image, projected, secret } = volume;
  if (isQuantity(emptyDir?.sizeLimit)) emptyDir!.sizeLimit = formatQuantity(parseQuantity(emptyDir!.sizeLimit!));
  if (hostPath) hostPath.type ??= '';
  if (image) image.pullPolicy ||= pullPolicy(image.reference);
  for (const source of [configMap, downwardAPI, projected, secret]) {
    if (source) source.defaultMode ??= DEFAULT_MODE;
  }
  const projections = projected?.sources ?? [];
  for (const { items } of [downwardAPI, ...projections.map((p) => p.downwardAPI)].filter((s) => s != null)) {
    for (const item of items ?? []) {
      if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
      if (item.resourceFieldRef) defaultDivisor(item.resourceFieldRef);
    }
  }
  for (const { serviceAccountToken } of projections) {
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= TOKEN_SECONDS;
  }
}

/** Writes each quantity in its canonical form; what is not one is left for validation to name. */
function canonicalize(list: ResourceList | undefined | null): void {
  for (const [name, text] of Object.entries(list ?? {})) {
    if (isQuantity(text)) list![name] = formatQuantity(roundUpToMilli(parseQuantity(text)));
  }
}

function requestsFromLimits({ resources }: Container): void {
  if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
}

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name);

/** Pod-level limits bring requests with them: what the containers ask for, else the limit (KEP-2837). */
function defaultPodResources(spec: PodSpec): void {
  const { resources } = spec;
  if (!resources || !everyQuantityParses(spec)) return;
  if (size(resources.limits) + size(resources.requests) === 0) return;
  const limits = { ...resources.limits };
  for (const [name, limit] of Object.entries(effectiveResources(spec, 'limits'))) {
    if (isHugePages(name) && resources.requests?.[name] === undefined) limits[name] ??= limit;
  }
  if (size(limits) === 0) return;
  resources.limits = limits;
  const requests = { ...resources.requests };
  for (const [name, request] of Object.entries(effectiveResources(spec, 'requests'))) {
    if (name === 'cpu' || name === 'memory') requests[name] ??= request;
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (isPodLevel(name)) requests[name] ??= limit;
  }
  if (size(requests) > 0) resources.requests = requests;
}

const size = (list: object | undefined): number => Object.keys(list ?? {}).length;

const everyQuantityParses = (spec: PodSpec): boolean =>
  [...(spec.initContainers ?? []), ...(spec.containers ?? []), spec]
    .flatMap(({ resources }) => [resources?.limits, resources?.requests])
    .every((list) => Object.values(list ?? {}).every(isQuantity));

/** On the host's network a container's port is the host's port. */
function hostPorts(spec: PodSpec): void {
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
}

function tolerateBriefOutages(spec: PodSpec): void {
  const given = spec.tolerations ?? [];
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter((key) => !given.some((t) => (!t.key || t.key === key) && (!t.effect || t.effect === 'NoExecute')))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: EVICTION_SECONDS }));
  if (added.length > 0) spec.tolerations = [...given, ...added];
}
