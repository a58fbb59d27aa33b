/**
 * What a Pod may ask for that durapod's node cannot do. Such a Pod is refused with the field and a way out, rather
 * than run as something else. The table is the whole truth: taking a row out is what support for it ends with.
 */
import type { FieldError } from './field-error.ts';
import type { PodSpec, Volume } from './types.ts';

interface Row {
  /** A path below `spec`: `[*]` is each item, `containers` stands for containers of all kinds. */
  field: string;
  /** Which values cannot be honoured; all that are set, when absent. */
  when?: (value: unknown) => boolean;
  /** Why, and what to do. */
  advice: string;
}

const WINDOWS = 'the node runs Linux; remove it';
const SELINUX = 'the node does not relabel volumes; remove it';
const APPARMOR = 'the node does not load AppArmor profiles; remove it or use type Unconfined';
const isConfined = (profile: unknown): boolean => (profile as { type?: string }).type !== 'Unconfined';

const ROWS: Row[] = [
  { field: 'securityContext.windowsOptions', advice: WINDOWS },
  { field: 'containers[*].securityContext.windowsOptions', advice: WINDOWS },
  {
    field: 'hostUsers',
    when: (value) => value === false,
    advice: 'the node has no user namespaces; remove it or set it to true',
  },
  { field: 'securityContext.seLinuxChangePolicy', advice: SELINUX },
  { field: 'securityContext.appArmorProfile', when: isConfined, advice: APPARMOR },
  { field: 'containers[*].securityContext.appArmorProfile', when: isConfined, advice: APPARMOR },
  {
    field: 'resourceClaims',
    advice: 'the node has no dynamic resource allocation; remove it, or reach a device by a hostPath volume',
  },
  { field: 'schedulingGroup', advice: 'Pods are scheduled one by one; remove it' },
  {
    field: 'containers[*].volumeDevices',
    advice: 'the node has no raw block volumes; mount a volume with volumeMounts instead',
  },
  {
    field: 'containers[*].env[*].valueFrom.fileKeyRef',
    advice: 'variables are not read from files; use configMapKeyRef, secretKeyRef or a start script',
  },
  {
    field: 'volumes[*].projected.sources[*].clusterTrustBundle',
    advice: 'the API has no ClusterTrustBundles; project a ConfigMap with the certificates instead',
  },
  {
    field: 'volumes[*].projected.sources[*].podCertificate',
    advice: 'the API issues no Pod certificates; project a Secret with the certificate instead',
  },
];

const VOLUMES = ['configMap', 'downwardAPI', 'emptyDir', 'hostPath', 'projected', 'secret'];
const CONTAINERS = ['initContainers', 'containers', 'ephemeralContainers'];

/** One error for each thing the Pod asks for and the node cannot do. */
export const unsupported = (spec: PodSpec): FieldError[] => [
  ...ROWS.flatMap(({ advice, field, when }) =>
    expandContainers(field)
      .flatMap((path) => valuesAt(spec, path.split('.'), 'spec'))
      .filter(([, value]) => !isEmpty(value) && (when === undefined || when(value)))
      .map(([path, value]) => refuse(path, value, advice)),
  ),
  ...(spec.volumes ?? []).flatMap(unsupportedVolume),
  ...hugePages(spec),
];

const refuse = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'NotSupported',
  field,
  value,
  detail,
});

const unsupportedVolume = (volume: Volume, index: number): FieldError[] =>
  Object.entries(volume)
    .filter(([kind, source]) => kind !== 'name' && source != null && !VOLUMES.includes(kind))
    .map(([kind]) =>
      refuse(
        `spec.volumes[${index}].${kind}`,
        kind,
        `the node can mount ${VOLUMES.join(', ')} volumes; use one of them`,
      ),
    );

const hugePages = (spec: PodSpec): FieldError[] =>
  [
    ...valuesAt(spec, ['resources', 'limits'], 'spec'),
    ...CONTAINERS.flatMap((kind) => valuesAt(spec, [`${kind}[*]`, 'resources', 'limits'], 'spec')),
  ].flatMap(([path, limits]) =>
    Object.entries(limits as object)
      .filter(([name]) => name.startsWith('hugepages-'))
      .map(([name, value]) => refuse(`${path}[${name}]`, value, 'the node has no huge pages; remove it')),
  );

const expandContainers = (field: string): string[] =>
  field.startsWith('containers[*]') ? CONTAINERS.map((kind) => field.replace('containers', kind)) : [field];

/** Every value a path leads to, with its own path. */
function valuesAt(value: unknown, steps: string[], path: string): [string, unknown][] {
  const [step, ...rest] = steps;
  if (step === undefined) return [[path, value]];
  const name = step.replace('[*]', '');
  const next = (value as Record<string, unknown> | undefined)?.[name];
  if (next == null) return [];
  return name === step
    ? valuesAt(next, rest, `${path}.${name}`)
    : (next as unknown[]).flatMap((item, index) => valuesAt(item, rest, `${path}.${name}[${index}]`));
}

const isEmpty = (value: unknown): boolean => value == null || (Array.isArray(value) && value.length === 0);
