/** Containers of a Pod: what all of them have in common, and what main and init containers may have. */
import { duplicate, type FieldError, forbidden, invalid, notSupported, required, tooMany } from '../field-error.ts';
import { dns1123Label, portName, portNumber } from '../names.ts';
import type { Container, PodSpec } from '../types.ts';
import { each, follows, oneOf, requiredName, requiredOneOf, unique } from './check.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { validateLifecycle } from './handlers.ts';
import { validateDevices, validateMounts } from './mounts.ts';
import { validateProbes } from './probes.ts';
import { validateContainerResources } from './resources.ts';
import { validateSecurityContext } from './security.ts';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['FallbackToLogsOnError', 'File'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const RULE_ACTIONS = ['Restart', 'RestartAllContainers'];
const RULE_OPERATORS = ['In', 'NotIn'];
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer'];
const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

/** The main containers. */
export function validateContainers(spec: PodSpec): FieldError[] {
  const path = 'spec.containers';
  if (!spec.containers?.length) return [required(path)];
  return [
    ...each(spec.containers, path, (container, at) => [
      ...validateCommon(container, spec, at),
      ...running(container, spec, at),
      ...validateRestartPolicy(container, at),
    ]),
    ...unique(
      spec.containers.map((c) => c.name),
      (index) => `${path}[${index}].name`,
    ),
    ...hostPortConflicts(spec.containers, (index) => `${path}[${index}]`),
  ];
}

/** Init containers; those with restartPolicy Always are sidecars and may have what main containers have (KEP-753). */
export function validateInitContainers(spec: PodSpec): FieldError[] {
  const path = 'spec.initContainers';
  const containers = spec.initContainers ?? [];
  const names = [...(spec.containers ?? []), ...containers].map((c) => c.name);
  const before = names.length - containers.length;
  return each(containers, path, (container, at, index) => [
    ...validateCommon(container, spec, at),
    ...validateRestartPolicy(container, at),
    ...(container.name && names.indexOf(container.name) < before + index
      ? [duplicate(`${at}.name`, container.name)]
      : []),
    ...hostPortConflicts([container], () => at),
    ...(container.restartPolicy === 'Always' ? running(container, spec, at) : runsToCompletion(container, at)),
  ]);
}

const running = (container: Container, spec: PodSpec, path: string): FieldError[] => {
  const grace = spec.terminationGracePeriodSeconds;
  return [
    ...(container.lifecycle ? validateLifecycle(container.lifecycle, grace, spec.os?.name, `${path}.lifecycle`) : []),
    ...validateProbes(container, grace, path),
  ];
};

const runsToCompletion = (container: Container, path: string): FieldError[] => [
  ...(['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((name) =>
    container[name]
      ? [forbidden(`${path}.${name}`, 'may not be set for init containers without restartPolicy=Always')]
      : [],
  ),
  ...each(container.resizePolicy, `${path}.resizePolicy`, ({ restartPolicy }, at) =>
    restartPolicy === 'RestartContainer'
      ? [
          invalid(
            `${at}.restartPolicy`,
            restartPolicy,
            "must not be 'RestartContainer' for init containers without restartPolicy=Always",
          ),
        ]
      : [],
  ),
];

/** What holds for every container, ephemeral ones included. */
export function validateCommon(container: Container, spec: PodSpec, path: string): FieldError[] {
  const { image } = container;
  const volumes = spec.volumes ?? [];
  const claims = (spec.resourceClaims ?? []).map((c) => c.name);
  return [
    ...requiredName(dns1123Label, `${path}.name`, container.name),
    ...(image ? validateImage(image, `${path}.image`) : [required(`${path}.image`)]),
    ...requiredOneOf(MESSAGE_POLICIES, `${path}.terminationMessagePolicy`, container.terminationMessagePolicy),
    ...validatePorts(container.ports, `${path}.ports`),
    ...validateEnv(container.env, `${path}.env`),
    ...validateEnvFrom(container.envFrom, `${path}.envFrom`),
    ...validateMounts(container, volumes, path),
    ...validateDevices(container, volumes, path),
    ...requiredOneOf(PULL_POLICIES, `${path}.imagePullPolicy`, container.imagePullPolicy),
    ...validateContainerResources(container.resources, claims, `${path}.resources`),
    ...validateResizePolicy(container, spec.restartPolicy, `${path}.resizePolicy`),
    ...validateSecurityContext(container.securityContext, spec.hostUsers !== false, `${path}.securityContext`),
    ...validateFileRefs(container, spec, `${path}.env`),
  ];
}

/** An image's name without spaces around it; whether it is a name at all is found when it is pulled. */
const validateImage = (image: string, path: string): FieldError[] =>
  image.trim() === image ? [] : [invalid(path, image, 'must not have leading or trailing whitespace')];

const validatePorts = (ports: Container['ports'], path: string): FieldError[] => [
  ...each(ports, path, (port, at) => [
    ...follows(portName, `${at}.name`, port.name || undefined),
    ...(port.containerPort
      ? portNumber(port.containerPort).map((message) => invalid(`${at}.containerPort`, port.containerPort, message))
      : [required(`${at}.containerPort`)]),
    ...(port.hostPort
      ? portNumber(port.hostPort).map((message) => invalid(`${at}.hostPort`, port.hostPort, message))
      : []),
    ...requiredOneOf(PROTOCOLS, `${at}.protocol`, port.protocol),
  ]),
  ...unique(
    (ports ?? []).map((p) => p.name),
    (index) => `${path}[${index}].name`,
  ),
];

function hostPortConflicts(containers: Container[], path: (index: number) => string): FieldError[] {
  const seen = new Set<string>();
  return containers.flatMap(({ ports }, index) =>
    each(ports, `${path(index)}.ports`, ({ hostIP = '', hostPort, protocol }, at) => {
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (!hostPort || !seen.has(key)) {
        if (hostPort) seen.add(key);
        return [];
      }
      return [duplicate(`${at}.hostPort`, key)];
    }),
  );
}

/** A container's own restart policy and the exit codes it has rules for (KEP-5307). */
function validateRestartPolicy(
  { restartPolicy, restartPolicyRules: rules = [] }: Container,
  path: string,
): FieldError[] {
  return [
    ...oneOf(RESTART_POLICIES, `${path}.restartPolicy`, restartPolicy),
    ...(rules.length > 0 && !restartPolicy
      ? [required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')]
      : []),
    ...(rules.length > MAX_RULES ? [tooMany(`${path}.restartPolicyRules`, rules.length, MAX_RULES)] : []),
    ...each(rules, `${path}.restartPolicyRules`, ({ action, exitCodes }, at) => [
      ...(RULE_ACTIONS.includes(action) ? [] : [notSupported(`${at}.action`, action, RULE_ACTIONS)]),
      ...(exitCodes
        ? [
            ...(RULE_OPERATORS.includes(exitCodes.operator)
              ? []
              : [notSupported(`${at}.exitCodes.operator`, exitCodes.operator, RULE_OPERATORS)]),
            ...((exitCodes.values?.length ?? 0) > MAX_EXIT_CODES
              ? [tooMany(`${at}.exitCodes.values`, exitCodes.values!.length, MAX_EXIT_CODES)]
              : []),
          ]
        : [required(`${at}.exitCodes`, 'must be specified')]),
    ]),
  ];
}

const validateResizePolicy = (
  { resizePolicy }: Container,
  podRestartPolicy: string | undefined,
  path: string,
): FieldError[] => [
  ...each(resizePolicy, path, ({ resourceName, restartPolicy }, at) => [
    ...requiredOneOf(['cpu', 'memory'], `${at}.resourceName`, resourceName),
    ...requiredOneOf(RESIZE_POLICIES, `${at}.restartPolicy`, restartPolicy),
    ...(podRestartPolicy === 'Never' && restartPolicy === 'RestartContainer'
      ? [invalid(`${at}.restartPolicy`, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")]
      : []),
  ]),
  ...unique(
    (resizePolicy ?? []).map((p) => p.resourceName),
    (index) => `${path}[${index}]`,
  ),
];

/** Variables from files are read from an emptyDir (KEP-3721). */
const validateFileRefs = ({ env }: Container, { volumes }: PodSpec, path: string): FieldError[] =>
  each(env, path, ({ valueFrom }, at) => {
    const name = valueFrom?.fileKeyRef?.volumeName;
    if (!name) return [];
    const volume = volumes?.find((v) => v.name === name);
    const field = `${at}.valueFrom.fileKeyRef.volumeName`;
    if (!volume) return [{ type: 'NotFound', field, value: name, detail: '' }];
    return volume.emptyDir ? [] : [invalid(field, name, 'must be a volume of type emptyDir')];
  });
