/** POST of a Binding: gives a Pod its node, once. */
import type { KubeObject, PodCondition } from '../../pod/types.ts';
import { decodeObject } from '../decode/object.ts';
import { parsedBody } from '../decode/request.ts';
import { fieldValidation } from '../decode/write-options.ts';
import { conflict, invalid, successStatus } from '../errors.ts';
import { timestamp } from '../objects/time.ts';
import { type Handler, objectRepresentation, show } from '../scope.ts';
import { write } from '../verbs/write.ts';

const BINDING = { group: '', version: 'v1', kind: 'Binding' };

export const bind: Handler = async (scope) => {
  const { request, deps, query, resource, name } = scope;
  const { accepted } = objectRepresentation(scope);
  const body = await parsedBody(deps.schema, request);
  const binding = decodeObject(deps.schema, BINDING, body, fieldValidation(query), scope.warn);
  const node = binding.target?.name;
  if (!node) throw invalid(BINDING, name, [{ type: 'Required', field: 'target.name', detail: '' }]);
  if (binding.target.kind && binding.target.kind !== 'Node') {
    const { kind } = binding.target;
    const detail = 'supported values: "Node", ""';
    throw invalid(BINDING, name, [{ type: 'NotSupported', field: 'target.kind', value: kind, detail }]);
  }
  await write(scope, (pod) => {
    const { uid } = binding.metadata;
    if (uid && uid !== pod.metadata.uid)
      throw conflict(resource, name, `the Pod's uid is ${pod.metadata.uid}, not ${uid}`);
    if (pod.metadata.deletionTimestamp)
      throw conflict(resource, name, `pod ${name} is being deleted, cannot be assigned to a host`);
    if (pod.spec.nodeName)
      throw conflict(resource, name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
    return bound(pod, binding, node, timestamp(deps.now()));
  });
  return show(scope, successStatus(undefined, 201), accepted, 201);
};

function bound(pod: KubeObject, binding: KubeObject, node: string, at: string): KubeObject {
  const { annotations } = binding.metadata;
  const scheduled: PodCondition = { type: 'PodScheduled', status: 'True', lastTransitionTime: at };
  const others = (pod.status?.conditions ?? []).filter((c: PodCondition) => c.type !== 'PodScheduled');
  return {
    ...pod,
    metadata: annotations
      ? { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } }
      : pod.metadata,
    spec: { ...pod.spec, nodeName: node },
    status: { ...pod.status, conditions: [...others, scheduled] },
  };
}
