/**
 * Kinds that there are never any of, and whose lists are asked for all the same: Kubernetes' e2e suite waits for what
 * they own before it begins, and `kubectl cluster-info dump` writes them down. They are in no discovery, as nothing can be made of them.
 */
import { plain } from './plain.ts';
import { type Resource, resource } from './resource.ts';

const absent = (group: string, plural: string, kind: string): Resource =>
  resource({
    group,
    plural,
    kind,
    namespaced: true,
    verbs: ['list', 'watch'],
    strategy: plain({ namespaced: true }),
  });

export const absentKinds: readonly Resource[] = [
  absent('', 'replicationcontrollers', 'ReplicationController'),
  absent('apps', 'deployments', 'Deployment'),
  absent('apps', 'replicasets', 'ReplicaSet'),
  absent('apps', 'daemonsets', 'DaemonSet'),
];
