/** An object or a list as the client asked to see it: as it is, as a Table, or metadata only. */
import { defaultPrinter, printers } from '../../pod/print/index.ts';
import type { KubeObject } from '../../pod/types.ts';
import type { StoredObject } from '../../store/port.ts';
import { apiVersionOf } from '../decode/object.ts';
import { badRequest } from '../errors.ts';
import type { Resource } from '../registry/resource.ts';
import type { Accepted } from './accept.ts';

/** A list in stored form. */
export interface ObjectList {
  items: StoredObject[];
  metadata: { resourceVersion: string; continue?: string };
}

export type IncludeObject = 'Metadata' | 'Object' | 'None';

/** How much of each object a Table carries. Throws 400. */
export function includeObject(query: URLSearchParams): IncludeObject {
  const given = query.get('includeObject') || 'Metadata';
  if (given !== 'Metadata' && given !== 'Object' && given !== 'None') {
    throw badRequest(`unrecognized includeObject value: "${given}": use Metadata, Object or None`);
  }
  return given;
}

export interface Representation {
  accepted: Accepted;
  include: IncludeObject;
  now(): Date;
}

/** An object in its wire form, with its kind. */
export const wire = (resource: Resource, object: StoredObject): KubeObject => ({
  kind: resource.kind,
  apiVersion: apiVersionOf(resource),
  ...(resource.view ? resource.view.toWire(object) : object),
});

/** One object as asked for. */
export function representObject(resource: Resource, object: StoredObject, how: Representation): object {
  const { as, version } = how.accepted;
  if (as === 'Table') {
    return table(resource, [object], { resourceVersion: object.metadata.resourceVersion ?? '' }, how);
  }
  return as === 'PartialObjectMetadata' ? partial(object, version) : wire(resource, object);
}

/** A list as asked for. */
export function representList(resource: Resource, list: ObjectList, how: Representation): object {
  const { as, version } = how.accepted;
  if (as === 'Table') return table(resource, list.items, list.metadata, how);
  if (as === 'PartialObjectMetadataList') {
    const items = list.items.map((item) => partial(item, version));
    return { kind: as, apiVersion: `meta.k8s.io/${version}`, metadata: list.metadata, items };
  }
  return {
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata: list.metadata,
    items: list.items.map((item) => wire(resource, item)),
  };
}

const partial = ({ metadata }: StoredObject, version = 'v1'): object => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata,
});

function table(resource: Resource, items: StoredObject[], metadata: object, how: Representation): object {
  const { version = 'v1' } = how.accepted;
  const printer = printers[resource.storage] ?? defaultPrinter;
  const now = how.now().getTime();
  const shown = (object: StoredObject): { object?: object } =>
    how.include === 'None'
      ? {}
      : { object: how.include === 'Object' ? wire(resource, object) : partial(object, version) };
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: printer.columns,
    rows: items.map((object) => ({ cells: printer.cells(object, now), ...shown(object) })),
  };
}
