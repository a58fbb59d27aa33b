/** Nodes. Node agents write them; status comes with the first write. */
import { withHeartbeats } from './node-heartbeats.ts';
import { nodeChangeErrors, nodeDefaults, nodeErrors, nodeStatusErrors } from './node-rules.ts';
import { plain, plainStatus } from './plain.ts';
import { keepStatus, resource } from './resource.ts';

const node = plain({
  namespaced: false,
  defaults: nodeDefaults,
  validate: nodeErrors,
  validateNew: nodeStatusErrors,
  validateUpdate: nodeChangeErrors,
});

export const nodes = resource({
  plural: 'nodes',
  kind: 'Node',
  shortNames: ['no'],
  namespaced: false,
  strategy: { ...node, update: { ...node.update, prepare: keepStatus } },
  subresources: { status: { kind: 'Node', verbs: ['get', 'patch', 'update'], update: plainStatus(nodeStatusErrors) } },
  completed: withHeartbeats,
});
