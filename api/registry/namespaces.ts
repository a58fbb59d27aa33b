/** Namespaces: they go only when what is in them has gone (`../namespaces.ts`). */
import { type FieldError, invalid } from '../../pod/field-error.ts';
import { dns1123Label } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { each } from '../../pod/validation/check.ts';
import { validateFinalizer } from '../../pod/validation/metadata.ts';
import { plain, plainStatus } from './plain.ts';
import { keepStatus, resource, type Strategy } from './resource.ts';

/** The label every namespace carries, for selectors. */
const NAME_LABEL = 'kubernetes.io/metadata.name';
/** What holds a namespace until its content is gone. */
export const contentFinalizer = 'kubernetes';

function defaults(object: KubeObject): KubeObject {
  const { name, labels } = object.metadata;
  return {
    ...object,
    ...(name && { metadata: { ...object.metadata, labels: { ...labels, [NAME_LABEL]: name } } }),
    status: { ...object.status, phase: object.status?.phase || 'Active' },
  };
}

const base = plain({
  namespaced: false,
  nameRule: dns1123Label,
  defaults,
  validateNew: ({ spec }) => spec.finalizers.flatMap((name: string) => validateFinalizer(name, 'spec.finalizers')),
});

/** The phase says whether it is going, and nothing else. */
const phaseErrors = ({ metadata, status }: KubeObject): FieldError[] => {
  const [phase, when] = metadata.deletionTimestamp ? ['Terminating', 'not empty'] : ['Active', 'empty'];
  return status.phase === phase
    ? []
    : [invalid('status.Phase', status.phase, `may only be '${phase}' if \`deletionTimestamp\` is ${when}`)];
};

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
    // No time is said: it takes what its content takes.
    begin: ({ metadata: { deletionGracePeriodSeconds: _, ...metadata }, ...object }) => ({
      ...object,
      metadata,
      status: { ...object.status, phase: 'Terminating' },
    }),
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
    status: { kind: 'Namespace', verbs: ['get', 'patch', 'update'], update: plainStatus(phaseErrors) },
    finalize: {
      kind: 'Namespace',
      verbs: ['update'],
      update: {
        prepare: (next, old) => ({ ...old, spec: { ...old.spec, finalizers: next.spec?.finalizers ?? [] } }),
        validate: ({ spec }) => each(spec.finalizers, 'spec.finalizers', validateFinalizer),
      },
    },
  },
});
