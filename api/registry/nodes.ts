/** Nodes, their leases, and the runtime classes they offer. Node agents write them; status comes with the first write. */
import { required } from '../../pod/field-error.ts';
import { dns1123Label } from '../../pod/names.ts';
import { withHeartbeats } from './node-heartbeats.ts';
import { plain } from './plain.ts';
import { keepStatus, resource, statusUpdate, unchanged } from './resource.ts';

const node = plain({ namespaced: false });

export const nodes = resource({
  plural: 'nodes',
  kind: 'Node',
  shortNames: ['no'],
  namespaced: false,
  strategy: { ...node, update: { ...node.update, prepare: keepStatus } },
  subresources: { status: { kind: 'Node', verbs: ['get', 'patch', 'update'], update: statusUpdate() } },
  completed: withHeartbeats,
});

export const leases = resource({
  group: 'coordination.k8s.io',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
  strategy: plain({ namespaced: true, createsOnUpdate: true }),
});

export const runtimeclasses = resource({
  group: 'node.k8s.io',
  plural: 'runtimeclasses',
  kind: 'RuntimeClass',
  namespaced: false,
  strategy: plain({
    namespaced: false,
    createsOnUpdate: true,
    validate: ({ handler }) =>
      handler
        ? dns1123Label(handler).map((detail) => ({ type: 'Invalid', field: 'handler', value: handler, detail }))
        : [required('handler')],
    validateUpdate: (next, old) => unchanged('handler', next.handler, old.handler),
  }),
});
