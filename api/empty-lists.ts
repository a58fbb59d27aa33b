/**
 * Kinds that are not served and not in discovery, whose lists are answered empty: Kubernetes' own e2e suite asks for
 * them before it begins.
 */

import { apiVersionOf } from './decode/object.ts';
import type { ApiDeps, App } from './deps.ts';
import { accepted } from './encode/accept.ts';
import { answer } from './encode/respond.ts';
import { rootOf } from './registry/index.ts';

const kinds = [
  { group: '', version: 'v1', plural: 'replicationcontrollers', kind: 'ReplicationController' },
  { group: 'apps', version: 'v1', plural: 'replicasets', kind: 'ReplicaSet' },
  { group: 'apps', version: 'v1', plural: 'daemonsets', kind: 'DaemonSet' },
];

export function mountEmptyLists(app: App, { store }: Pick<ApiDeps, 'store'>): void {
  for (const { plural, kind, ...version } of kinds) {
    app.get(`${rootOf(version)}/namespaces/:namespace/${plural}`, async (c) => {
      const metadata = { resourceVersion: String(await store.revision()) };
      const list = { kind: `${kind}List`, apiVersion: apiVersionOf(version), metadata, items: [] };
      return answer(c.req.raw, list, accepted(c.req.header('accept') ?? null));
    });
  }
}
