/** What is served under each path of a group. */
import type { ServedGroup } from '../discovery/served.ts';
import type { KubernetesSchema } from '../schema/definitions.ts';
import { describeOperation, type Refer } from './operation.ts';
import { pathParameters } from './parameters.ts';

/** The paths of a group, each with its operations. */
export function pathsOf(served: ServedGroup, schema: KubernetesSchema, refer: Refer): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const resource of served.resources) {
    for (const operation of resource.operations) {
      const { path, method } = operation;
      paths[path] ??= { parameters: pathParameters(path) };
      paths[path][method.toLowerCase()] = describeOperation({ ...served, resource, operation, schema, refer });
    }
  }
  return paths;
}
