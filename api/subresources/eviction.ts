/** POST of an Eviction: a deletion that says why. There are no disruption budgets here to hold it up. */
import type { PodCondition } from '../../pod/types.ts';
import { checkedDeletion } from '../decode/delete-options.ts';
import { decodeObject } from '../decode/object.ts';
import { parsedBody } from '../decode/request.ts';
import { fieldValidation } from '../decode/write-options.ts';
import { badRequest, successStatus } from '../errors.ts';
import { planDeletion } from '../objects/deletion.ts';
import { dryRunStore } from '../objects/dry-run-store.ts';
import { timestamp } from '../objects/time.ts';
import { type Handler, objectRepresentation, show } from '../scope.ts';
import { write } from '../verbs/write.ts';

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' };

export const evict: Handler = async (scope) => {
  const { request, deps, query, resource, name } = scope;
  const { accepted } = objectRepresentation(scope);
  const body = await parsedBody(deps.schema, request);
  const eviction = decodeObject(deps.schema, EVICTION, body, fieldValidation(query), scope.warn);
  if (eviction.metadata.name && eviction.metadata.name !== name) {
    throw badRequest(`name in URL (${name}) does not match name in Eviction object (${eviction.metadata.name})`);
  }
  const { dryRun, ...options } = checkedDeletion(eviction.deleteOptions ?? {});
  const store = dryRun ? dryRunStore(deps.store) : scope.store;
  const at = deps.now();
  await write({ ...scope, store }, (pod) => {
    const reason: PodCondition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'The Pod was evicted through the API',
      lastTransitionTime: timestamp(at),
    };
    const others = (pod.status?.conditions ?? []).filter((c: PodCondition) => c.type !== reason.type);
    return planDeletion(resource, { ...pod, status: { ...pod.status, conditions: [...others, reason] } }, options, at);
  });
  return show(scope, successStatus(undefined, 201), accepted, 201);
};
