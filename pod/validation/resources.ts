/** Requests and limits, of a container and of the whole Pod (KEP-2837). */
import { type FieldError, forbidden, invalid, notFound, notSupported, required } from '../field-error.ts';
import { qualifiedName } from '../names.ts';
import { compareQuantity, isQuantity, parseQuantity, type Quantity, wholeValue } from '../quantity.ts';
import { effectiveResources, type ResourceList } from '../resources.ts';
import type { Container, PodSpec } from '../types.ts';
import { each } from './check.ts';

type Requirements = NonNullable<Container['resources']>;
type Parsed = Map<string, Quantity>;

const CONTAINER_RESOURCES = ['cpu', 'ephemeral-storage', 'memory'];
const ONE_UNIT = 1_000_000_000n;

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith('requests.');
const mayOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name);

const parsed = (list: ResourceList | undefined | null): Parsed =>
  new Map(
    Object.entries(list ?? {}).flatMap(([name, text]) => (isQuantity(text) ? [[name, parseQuantity(text)]] : [])),
  );

/** The requirements of one container. `claims` are the names of the Pod's resource claims. */
export const validateContainerResources = (
  requirements: Requirements | undefined,
  claims: string[],
  path: string,
): FieldError[] => [
  ...validateRequirements(requirements ?? {}, containerResourceName, path),
  ...each(requirements?.claims, `${path}.claims`, ({ name }, at) =>
    name
      ? claims.includes(name)
        ? []
        : [{ ...notFound(at, name), detail: 'must be the name of one of spec.resourceClaims' }]
      : [required(at)],
  ),
];

/** The requirements of the Pod as a whole, and that its containers fit into them. */
export function validatePodResources(spec: PodSpec): FieldError[] {
  const { resources } = spec;
  if (!resources) return [];
  const path = 'spec.resources';
  const errors = [
    ...(resources.claims ? [forbidden(`${path}.claims`, 'claims may not be set for the whole Pod')] : []),
    ...validateRequirements(resources, podResourceName, path),
  ];
  return everyQuantityParses(spec) ? [...errors, ...validateFit(spec, resources, path)] : errors;
}

const everyQuantityParses = (spec: PodSpec): boolean =>
  [spec, ...spec.containers, ...(spec.initContainers ?? [])]
    .flatMap(({ resources }) => [resources?.requests, resources?.limits])
    .every((list) => Object.values(list ?? {}).every(isQuantity));

function validateFit(spec: PodSpec, { limits, requests }: Requirements, path: string): FieldError[] {
  const podRequests = parsed(requests);
  const podLimits = parsed(limits);
  const tooSmall = (kind: 'requests' | 'limits', pod: Parsed, matters: (name: string) => boolean) =>
    Object.entries(effectiveResources(spec, kind)).flatMap(([name, sum]) => {
      const given = matters(name) ? pod.get(name) : undefined;
      return given && compareQuantity(parseQuantity(sum), given) > 0
        ? [
            invalid(
              `${path}.${kind}[${name}]`,
              spec.resources?.[kind]?.[name],
              `must be greater than or equal to aggregate container ${kind} of ${sum}`,
            ),
          ]
        : [];
    });
  return [
    ...tooSmall('requests', podRequests, () => true),
    ...tooSmall('limits', podLimits, isHugePages),
    ...each(spec.containers, 'spec.containers', (container, at) =>
      [...parsed(container.resources?.limits)].flatMap(([name, limit]) => {
        const most = podLimits.get(name);
        return most && compareQuantity(limit, most) > 0
          ? [
              invalid(
                `${at}.resources.limits[${name}]`,
                container.resources?.limits?.[name],
                `must be less than or equal to pod limits of ${limits?.[name]}`,
              ),
            ]
          : [];
      }),
    ),
  ];
}

function validateRequirements(
  { limits, requests }: Requirements,
  nameRule: (name: string, path: string) => FieldError[],
  path: string,
): FieldError[] {
  const names = [...Object.keys(limits ?? {}), ...Object.keys(requests ?? {})];
  const most = parsed(limits);
  return [
    ...validateList(limits, nameRule, `${path}.limits`),
    ...validateList(requests, nameRule, `${path}.requests`),
    ...[...parsed(requests)].flatMap(([name, request]) => {
      const text = requests?.[name];
      const limit = most.get(name);
      const at = `${path}.requests`;
      if (!limit) {
        return mayOvercommit(name) || limits?.[name] !== undefined
          ? []
          : [required(`${path}.limits`, `a limit must be set for ${name}, which cannot be overcommitted`)];
      }
      if (!mayOvercommit(name) && compareQuantity(request, limit) !== 0) {
        return [invalid(at, text, `must be equal to ${name} limit of ${limits?.[name]}`)];
      }
      return compareQuantity(request, limit) > 0
        ? [invalid(at, text, `must be less than or equal to ${name} limit of ${limits?.[name]}`)]
        : [];
    }),
    ...(names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')
      ? [forbidden(path, 'huge pages require cpu or memory')]
      : []),
  ];
}

const validateList = (
  list: ResourceList | undefined | null,
  nameRule: (name: string, path: string) => FieldError[],
  path: string,
): FieldError[] =>
  Object.entries(list ?? {}).flatMap(([name, text]) => {
    const at = `${path}[${name}]`;
    return [...nameRule(name, at), ...validateQuantity(name, text, at)];
  });

/** A quantity of a resource: not negative, and whole where half a thing makes no sense. */
export function validateQuantity(name: string, text: string, path: string): FieldError[] {
  if (!isQuantity(text)) {
    return [invalid(path, text, 'must be a quantity: a number with an optional suffix, e.g. 500m, 2 or 128Mi')];
  }
  const quantity = parseQuantity(text);
  if (quantity.nanos < 0n) return [invalid(path, text, 'must be greater than or equal to 0')];
  if (isExtended(name) && quantity.nanos % ONE_UNIT !== 0n) return [invalid(path, text, 'must be an integer')];
  if (!isHugePages(name)) return [];
  const size = name.slice('hugepages-'.length);
  const page = isQuantity(size) ? wholeValue(parseQuantity(size)) : 0n;
  return page > 0n && wholeValue(quantity) % page === 0n
    ? []
    : [invalid(path, text, `must be a multiple of the page size in ${name}`)];
}

function containerResourceName(name: string, path: string): FieldError[] {
  const errors = qualifiedName(name).map((message) => invalid(path, name, message));
  if (errors.length > 0) return errors;
  if (!name.includes('/')) {
    return CONTAINER_RESOURCES.includes(name) || isHugePages(name)
      ? []
      : [
          invalid(
            path,
            name,
            `must be ${CONTAINER_RESOURCES.join(', ')}, hugepages-<size> or a name with a domain (e.g. example.com/gpu)`,
          ),
        ];
  }
  return isNative(name) || (isExtended(name) && qualifiedName(`requests.${name}`).length === 0)
    ? []
    : [invalid(path, name, "must not start with 'requests.' and leave room for it in its name")];
}

const podResourceName = (name: string, path: string): FieldError[] =>
  name === 'cpu' || name === 'memory' || isHugePages(name)
    ? []
    : [notSupported(path, name, ['cpu', 'memory', 'hugepages-<size>'])];
