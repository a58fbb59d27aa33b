/** Discovery one group at a time, for clients older than the aggregated form. */
import { apiVersionOf } from '../decode/object.ts';
import type { ServedGroup } from './served.ts';

/** `/apis/GROUP/VERSION` and `/api/v1`. */
export const resourceList = ({ group, version, resources }: ServedGroup): object => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: apiVersionOf({ group, version }),
  resources: resources.flatMap((r) => [
    {
      name: r.plural,
      singularName: r.singular,
      namespaced: r.namespaced,
      kind: r.kind,
      verbs: r.verbs,
      ...(r.shortNames.length > 0 ? { shortNames: r.shortNames } : {}),
      ...(r.categories.length > 0 ? { categories: r.categories } : {}),
    },
    ...r.subresources.map((s) => ({
      name: `${r.plural}/${s.name}`,
      singularName: '',
      namespaced: r.namespaced,
      ...(s.group === group ? {} : { group: s.group, version: s.version }),
      kind: s.kind,
      verbs: s.verbs,
    })),
  ]),
});

/** `/apis/GROUP`. */
export const apiGroup = ({ group, version }: ServedGroup): object => {
  const preferredVersion = { groupVersion: apiVersionOf({ group, version }), version };
  return { kind: 'APIGroup', apiVersion: 'v1', name: group, versions: [preferredVersion], preferredVersion };
};

/** `/apis`. */
export const groupList = (groups: readonly ServedGroup[]): object => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups.map(apiGroup),
});

/** `/api`. `address` is where the client found us. */
export const coreVersions = (address: string): object => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
});
