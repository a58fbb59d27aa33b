/** Nodes. Node agents write them; status comes with the first write. */
import { withPressureTaints } from '../../pod/pressure.ts';
import type { KubeObject, Node } from '../../pod/types.ts';
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

const prepare = (next: KubeObject, old: KubeObject): KubeObject =>
  withPressureTaints(keepStatus(next, old) as Node) as KubeObject;

export const nodes = resource({
  plural: 'nodes',
  kind: 'Node',
  shortNames: ['no'],
  namespaced: false,
  // What a client takes away of the taints that go with its conditions is there again at once.
  strategy: { ...node, update: { ...node.update, prepare } },
  subresources: { status: { kind: 'Node', verbs: ['get', 'patch', 'update'], update: plainStatus(nodeStatusErrors) } },
  completed: withHeartbeats,
});
