/** Every kind that is served. What is not here is not in discovery and answers 404. */
import { podtemplates, serviceaccounts } from './accounts.ts';
import { configmaps, secrets } from './config.ts';
import { endpointslices } from './endpoint-slices.ts';
import { events, eventsV1 } from './events.ts';
import { leases } from './leases.ts';
import { namespaces } from './namespaces.ts';
import { nodes } from './nodes.ts';
import { pods } from './pods.ts';
import type { Resource } from './resource.ts';
import { runtimeclasses } from './runtime-classes.ts';
import { services } from './services.ts';

export const resources: readonly Resource[] = [
  pods,
  namespaces,
  nodes,
  events,
  configmaps,
  secrets,
  serviceaccounts,
  services,
  podtemplates,
  leases,
  endpointslices,
  eventsV1,
  runtimeclasses,
];

export {
  configmaps,
  endpointslices,
  events,
  eventsV1,
  leases,
  namespaces,
  nodes,
  pods,
  podtemplates,
  runtimeclasses,
  secrets,
  serviceaccounts,
  services,
};

/** The path under which a resource's group and version are served. */
export const rootOf = ({ group, version }: { group: string; version: string }): string =>
  group ? `/apis/${group}/${version}` : `/api/${version}`;
