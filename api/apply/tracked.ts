/** The outcome of an update or a patch, with the managers of a tracked object brought up to date. */
import type { KubeObject } from '../../pod/types.ts';
import { DELETE, type Mutation } from '../../store/port.ts';
import { wire } from '../encode/represent.ts';
import type { Scope } from '../scope.ts';
import { planTracking } from './plan.ts';
import { writeOf } from './write-of.ts';

/** `subresource` is empty for the object itself. Throws 400 for managers that a client made up. */
export function tracked(scope: Scope, subresource: string, next: Mutation, old: KubeObject): Mutation {
  if (next === DELETE || next === undefined || !next.metadata.managedFields) return next;
  const { resource } = scope;
  const plan = writeOf(scope, 'Update', subresource);
  const { metadata } = planTracking(plan, wire(resource, old), wire(resource, next));
  const { managedFields: _, ...rest } = next.metadata;
  const { managedFields } = metadata;
  return { ...next, metadata: managedFields ? { ...rest, managedFields } : rest };
}
