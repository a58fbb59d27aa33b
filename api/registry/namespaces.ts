/** Namespaces: they go only when what is in them has gone (`../namespaces.ts`). */
import { dns1123Label } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { plain } from './plain.ts';
import { keepStatus, resource, type Strategy, statusUpdate } from './resource.ts';

/** The label every namespace carries, for selectors. */
const NAME_LABEL = 'kubernetes.io/metadata.name';
/** What holds a namespace until its content is gone. */
export const contentFinalizer = 'kubernetes';

const base = plain({
  namespaced: false,
  nameRule: dns1123Label,
  defaults: (object) =>
    object.metadata.name
      ? {
          ...object,
          metadata: { ...object.metadata, labels: { ...object.metadata.labels, [NAME_LABEL]: object.metadata.name } },
        }
      : object,
});

const strategy: Strategy = {
  ...base,
  create: {
    ...base.create,
    prepare: (object) => ({
      ...object,
      spec: { finalizers: [...new Set([...(object.spec?.finalizers ?? []), contentFinalizer])] },
      status: { phase: 'Active' },
    }),
  },
  update: {
    ...base.update,
    prepare: (next, old) => keepStatus({ ...next, spec: { ...next.spec, finalizers: old.spec?.finalizers } }, old),
  },
  deletion: {
    showsObject: true,
    begin: (object) => ({ ...object, status: { ...object.status, phase: 'Terminating' } }),
    held: (object) => (object.spec?.finalizers ?? []).length > 0,
    refusal: ({ metadata }: KubeObject) =>
      ['default', 'kube-system', 'kube-public'].includes(metadata.name ?? '')
        ? 'this namespace may not be deleted'
        : undefined,
  },
};

export const namespaces = resource({
  plural: 'namespaces',
  kind: 'Namespace',
  shortNames: ['ns'],
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  strategy,
  subresources: {
    status: { kind: 'Namespace', verbs: ['get', 'patch', 'update'], update: statusUpdate() },
    finalize: {
      kind: 'Namespace',
      verbs: ['update'],
      update: {
        prepare: (next, old) => ({ ...old, spec: { ...old.spec, finalizers: next.spec?.finalizers ?? [] } }),
        validate: () => [],
      },
    },
  },
});
