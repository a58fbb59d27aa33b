/** The Pod and the surroundings that the tests of this folder start from. */
import type { KubeObject, Pod } from '../../pod/types.ts';
import { NodeDirs } from '../dirs.ts';
import type { ContainerContext } from './context.ts';

export const testPod = (spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod => ({
  metadata: { name: 'web', namespace: 'shop', uid: 'uid-1', ...metadata },
  spec: { containers: [{ name: 'main', image: 'busybox:v1' }], ...spec },
});

/** A context whose API holds these objects, by `resource/namespace/name`. */
export function testContext(
  objects: Record<string, Omit<KubeObject, 'metadata'>> = {},
  changes: Partial<ContainerContext> = {},
): ContainerContext {
  const all = Object.entries(objects).map(([key, object]) => {
    const [resource, namespace, name] = key.split('/');
    return { resource, namespace, name, object: { ...object, metadata: { namespace, name } } as KubeObject };
  });
  return {
    attempt: 0,
    dirs: new NodeDirs('/state'),
    nodeName: 'node-1',
    hostIPs: ['192.0.2.1', '2001:db8::1'],
    podIPs: ['10.0.0.7', 'fd00::7'],
    image: undefined,
    allocatable: { cpu: '2', memory: '4Gi', 'ephemeral-storage': '10Gi' },
    read: async (resource, namespace, name) =>
      all.find((o) => o.resource === resource && o.namespace === namespace && o.name === name)?.object,
    list: async (resource, namespace) =>
      all.filter((o) => o.resource === resource && o.namespace === namespace).map(({ object }) => object),
    ...changes,
  };
}
