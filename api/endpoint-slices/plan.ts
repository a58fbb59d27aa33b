/**
 * Which EndpointSlices a Service is to have: at most so many endpoints in each, all of them with the same ports and of
 * one address family. What is in a slice stays in it, so that those who watch see few changes.
 */
import { createHash } from 'node:crypto';
import {
  type AddressType,
  type Endpoint,
  type EndpointGroup,
  endpointGroups,
  type Service,
} from '../../pod/endpoints.ts';
import type { KubeObject, Pod } from '../../pod/types.ts';
import { generatedName } from '../objects/create.ts';
import { equal } from '../objects/equal.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const HEADLESS = 'service.kubernetes.io/headless';
const CONTROLLER = 'endpointslice-controller.k8s.io';
const MAX_ENDPOINTS = 100;

export interface SlicePlan {
  /** New ones, and those that change: these carry the resourceVersion they were planned from. */
  write: KubeObject[];
  remove: KubeObject[];
}

/** The Service that a slice is kept for here; undefined when it is somebody else's slice. */
export const servedBy = ({ metadata: { labels } }: KubeObject): string | undefined =>
  labels?.[MANAGED_BY] === CONTROLLER ? labels[SERVICE_NAME] : undefined;

/** `slices` are all that are in the Service's namespace; those that are not kept for it are left alone. */
export function planSlices(service: Service, pods: readonly Pod[], slices: readonly KubeObject[]): SlicePlan {
  const kept = slices.filter((slice) => servedBy(slice) === service.metadata.name);
  const names = new Set(slices.map(({ metadata }) => metadata.name ?? ''));
  const families = (service.spec?.ipFamilies ?? ['IPv4']) as AddressType[];
  const wanted = families.flatMap((addressType) => {
    const own = kept.filter((slice) => slice.addressType === addressType && isOwned(slice, service));
    return shared(endpointGroups(service, pods, addressType), own).map((share) =>
      sliceOf(service, addressType, share, names),
    );
  });
  // Who waits for its slices to go would wait for new ones, too.
  const mayCreate = !service.metadata.deletionTimestamp;
  const isDue = (slice: KubeObject) => mayCreate || kept.some(({ metadata }) => metadata.name === slice.metadata.name);
  const stay = new Set(wanted.map(({ metadata }) => metadata.name));
  return {
    write: wanted.filter((slice) => isDue(slice) && !kept.some((before) => equal(before, slice))),
    remove: kept.filter(({ metadata }) => !stay.has(metadata.name)),
  };
}

/** What is to be in one slice, and the slice that has some of it, or else one that would go. */
interface Share extends EndpointGroup {
  slice?: KubeObject;
}

function shared(groups: EndpointGroup[], slices: KubeObject[]): Share[] {
  const shares = groups.flatMap((group) => divided(group, slices));
  // A Service without endpoints has a slice that says so.
  if (shares.length === 0) shares.push({ ports: [], endpoints: [] });
  const free = slices.filter((slice) => !shares.some((share) => share.slice === slice));
  return shares.map((share) => (share.slice ? share : { ...share, slice: free.shift() }));
}

/** Endpoints stay where they are; the others fill what has room, the fullest first. */
function divided({ ports, endpoints }: EndpointGroup, slices: KubeObject[]): Share[] {
  const left = new Map(endpoints.map((endpoint) => [endpoint.targetRef?.uid, endpoint]));
  const shares: Share[] = [];
  for (const slice of slices.filter((known) => equal(known.ports, ports))) {
    const here = (slice.endpoints ?? []).flatMap(({ targetRef }: Endpoint) => {
      const endpoint = left.get(targetRef?.uid);
      left.delete(targetRef?.uid);
      return endpoint ? [endpoint] : [];
    });
    if (here.length > 0) shares.push({ slice, ports, endpoints: here });
  }
  const rest = [...left.values()];
  for (const share of shares.toSorted((a, b) => b.endpoints.length - a.endpoints.length)) {
    share.endpoints.push(...rest.splice(0, MAX_ENDPOINTS - share.endpoints.length));
  }
  while (rest.length > 0) shares.push({ ports, endpoints: rest.splice(0, MAX_ENDPOINTS) });
  return shares;
}

function sliceOf(service: Service, addressType: AddressType, share: Share, names: Set<string>): KubeObject {
  const { name = '', namespace, uid = '', labels: given = {} } = service.metadata;
  const { clusterIP } = service.spec ?? {};
  const { [HEADLESS]: _, ...own } = given;
  const labels = {
    ...own,
    ...(clusterIP && clusterIP !== 'None' ? {} : { [HEADLESS]: '' }),
    [SERVICE_NAME]: name,
    [MANAGED_BY]: CONTROLLER,
  };
  const { slice, ports, endpoints } = share;
  const metadata = slice?.metadata ?? {
    generateName: `${name}-`,
    name: newName(`${name}-`, uid, addressType, names),
    namespace,
    ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true }],
  };
  const wire = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
  return { ...wire, ...slice, metadata: { ...metadata, labels }, addressType, endpoints, ports };
}

/** The same for each who plans the same, so that of several processes one creates the slice. Takes the name. */
function newName(base: string, uid: string, addressType: AddressType, taken: Set<string>): string {
  for (let n = 0; ; n++) {
    const digest = createHash('sha256').update(`${uid} ${addressType} ${n}`).digest();
    const name = generatedName(base, digest);
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

const isOwned = ({ metadata }: KubeObject, service: Service): boolean =>
  metadata.ownerReferences?.some(({ kind, uid }) => kind === 'Service' && uid === service.metadata.uid) ?? false;
