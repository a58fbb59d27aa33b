/** Field selectors, e.g. `status.phase=Running,spec.nodeName!=n1` (Kubernetes docs, "Field Selectors"). */
import { SelectorError } from './selectors.ts';
import type { KubeObject } from './types.ts';

export interface FieldRequirement {
  field: string;
  equal: boolean;
  value: string;
}

/** All of them must hold; an empty one matches everything. */
export type FieldSelector = FieldRequirement[];

type Fields = (object: KubeObject) => Record<string, unknown>;

const metadata: Fields = ({ metadata: { name, namespace } }) => ({
  'metadata.name': name,
  'metadata.namespace': namespace,
});

/** Of an event as core/v1 has it, by the names of the version it is served in. */
const eventFields =
  (about: string, reporter: string): Fields =>
  ({ involvedObject = {}, reason, type, reportingComponent }) => ({
    ...Object.fromEntries(
      ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((name) => [
        `${about}.${name}`,
        involvedObject[name],
      ]),
    ),
    reason,
    [reporter]: reportingComponent,
    type,
  });

const byResource: Record<string, Fields> = {
  pods: ({ spec = {}, status = {} }) => ({
    'spec.nodeName': spec.nodeName,
    'spec.restartPolicy': spec.restartPolicy,
    'spec.schedulerName': spec.schedulerName,
    'spec.serviceAccountName': spec.serviceAccountName,
    'spec.hostNetwork': spec.hostNetwork ?? false,
    'status.phase': status.phase,
    'status.podIP': status.podIP ?? status.podIPs?.[0]?.ip,
    'status.podIPs': status.podIPs?.[0]?.ip ?? status.podIP,
    'status.nominatedNodeName': status.nominatedNodeName,
  }),
  events: (event) => ({
    ...eventFields('involvedObject', 'reportingComponent')(event),
    source: event.source?.component || event.reportingComponent,
  }),
  'events.events.k8s.io': eventFields('regarding', 'reportingController'),
  namespaces: ({ status = {} }) => ({ 'status.phase': status.phase }),
  nodes: ({ spec = {} }) => ({ 'spec.unschedulable': spec.unschedulable ?? false }),
  secrets: ({ type }) => ({ type }),
  services: ({ spec = {} }) => ({ 'spec.clusterIP': spec.clusterIP, 'spec.type': spec.type }),
};

/** What a field selector can ask of an object of this resource (`pods`, `leases.coordination.k8s.io`); absent values are empty. */
export const selectableFields = (resource: string, object: KubeObject): Map<string, string> =>
  new Map(
    Object.entries({ ...metadata(object), ...byResource[resource]?.(object) }).map(([name, value]) => [
      name,
      value === undefined || value === null ? '' : String(value),
    ]),
  );

const PART = /^([^=!\\]+?)(==|!=|=)((?:[^\\,=]|\\[\\,=])*)$/;

/**
 * Reads a field selector for a resource. In values, `\`, `,` and `=` are written with a `\` before them.
 * @throws {SelectorError} for another syntax, or a field this resource cannot be selected by
 */
export function parseFieldSelector(text: string, resource: string): FieldSelector {
  const parts = text.match(/(?:[^\\,]|\\.)+/g) ?? [];
  const fields = [...selectableFields(resource, { metadata: {} }).keys()];
  return parts.map((part) => {
    const match = PART.exec(part.trim());
    if (!match) {
      throw new SelectorError(
        `field selector ${JSON.stringify(part)}: write field=value, field==value or field!=value, separated by ','`,
      );
    }
    const [, field, operator, value] = match as unknown as [string, string, string, string];
    if (!fields.includes(field)) {
      throw new SelectorError(
        `field label not supported: ${JSON.stringify(field)}; ${resource} can be selected by ${fields.join(', ')}`,
      );
    }
    return { field, equal: operator !== '!=', value: value.replace(/\\(.)/g, '$1') };
  });
}

/** True when the object's fields (of `selectableFields`) meet every requirement. */
export const matchesFields = (selector: FieldSelector, fields: ReadonlyMap<string, string>): boolean =>
  selector.every(({ field, equal, value }) => ((fields.get(field) ?? '') === value) === equal);
