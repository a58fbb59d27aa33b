/** Discovery of many groups in one answer (KEP-3352). */
import type { Served, ServedGroup } from './served.ts';

const responseKind = ({ group, version, kind }: { group: string; version: string; kind: string }): object => ({
  group,
  version,
  kind,
});

const describe = (r: Served, group: string, version: string): object => ({
  resource: r.plural,
  responseKind: responseKind({ group, version, kind: r.kind }),
  scope: r.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: r.singular,
  verbs: r.verbs,
  ...(r.shortNames.length > 0 ? { shortNames: r.shortNames } : {}),
  ...(r.categories.length > 0 ? { categories: r.categories } : {}),
  ...(r.subresources.length > 0
    ? {
        subresources: r.subresources.map((s) => ({
          subresource: s.name,
          responseKind: responseKind(s),
          verbs: s.verbs,
        })),
      }
    : {}),
});

export const groupDiscoveryList = (groups: readonly ServedGroup[]): object => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: groups.map(({ group, version, resources }) => ({
    metadata: group ? { name: group } : {},
    versions: [{ version, resources: resources.map((r) => describe(r, group, version)), freshness: 'Current' }],
  })),
});
