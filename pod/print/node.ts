import { ageOf } from '../duration.ts';
import type { KubeObject, Node } from '../types.ts';
import { ageColumn, type Cell, column, nameColumn, wideColumn } from './column.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';
const ROLE_LABEL = 'kubernetes.io/role';

function roles(labels: Record<string, string> = {}): string {
  const found = Object.entries(labels).flatMap(([key, value]) =>
    key.startsWith(ROLE_PREFIX) ? [key.slice(ROLE_PREFIX.length)] : key === ROLE_LABEL ? [value] : [],
  );
  return [...new Set(found.filter(Boolean))].sort().join(',') || '<none>';
}

export const nodePrinter = {
  columns: [
    nameColumn,
    column('Status', 'Ready or not, and whether it takes Pods.'),
    column('Roles', 'The roles it has.'),
    ageColumn,
    column('Version', "Its agent's version."),
    wideColumn('Internal-IP', 'Its address inside.'),
    wideColumn('External-IP', 'Its address outside.'),
    wideColumn('OS-Image', 'Its operating system.'),
    wideColumn('Kernel-Version', 'Its kernel.'),
    wideColumn('Container-Runtime', 'What runs its containers.'),
  ],
  cells(object: KubeObject, now: number): Cell[] {
    const { metadata, spec, status } = object as Node;
    const ready = status?.conditions?.find((c) => c.type === 'Ready');
    const info = status?.nodeInfo;
    const address = (type: string) => status?.addresses?.find((a) => a.type === type)?.address ?? '<none>';
    return [
      metadata.name ?? '',
      [
        ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady',
        ...(spec?.unschedulable ? ['SchedulingDisabled'] : []),
      ].join(','),
      roles(metadata.labels),
      ageOf(metadata.creationTimestamp, now),
      info?.kubeletVersion ?? '',
      address('InternalIP'),
      address('ExternalIP'),
      info?.osImage || '<unknown>',
      (info?.kernelVersion || '<unknown>') + (info?.architecture ? ` (${info.architecture})` : ''),
      info?.containerRuntimeVersion || '<unknown>',
    ];
  },
};
