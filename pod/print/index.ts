/** How each kind is shown by `kubectl get`: one printer a resource. */
import { podCells, podColumns } from '../columns.ts';
import { ageOf } from '../duration.ts';
import type { KubeObject, Pod } from '../types.ts';
import { ageColumn, type Cell, type Column, column, nameColumn, wideColumn } from './column.ts';
import { eventPrinter } from './event.ts';
import { nodePrinter } from './node.ts';
import { endpointSlicePrinter, endpointsPrinter, servicePrinter } from './service.ts';

export type { Cell, Column } from './column.ts';

export interface Printer {
  columns: Column[];
  /** One row. `now` is in epoch milliseconds. */
  cells(object: KubeObject, now: number): Cell[];
}

const size = (data: object | undefined): number => Object.keys(data ?? {}).length;

/** Name, some columns, age. */
const simple = (columns: Column[], cells: (object: KubeObject) => Cell[]): Printer => ({
  columns: [nameColumn, ...columns, ageColumn],
  cells: (object, now) => [object.metadata.name ?? '', ...cells(object), ageOf(object.metadata.creationTimestamp, now)],
});

/** By resource with its group, as in the store's keys (`pods`, `leases.coordination.k8s.io`). */
export const printers: Record<string, Printer> = {
  pods: { columns: podColumns, cells: (object, now) => podCells(object as Pod, now) },
  nodes: nodePrinter,
  events: eventPrinter,
  'events.events.k8s.io': eventPrinter,
  services: servicePrinter,
  endpoints: endpointsPrinter,
  'endpointslices.discovery.k8s.io': endpointSlicePrinter,
  namespaces: simple([column('Status', 'Active or Terminating.')], (o) => [o.status?.phase ?? '']),
  configmaps: simple([column('Data', 'How many keys it has.')], (o) => [size(o.data) + size(o.binaryData)]),
  secrets: simple([column('Type', 'What it is for.'), column('Data', 'How many keys it has.')], (o) => [
    o.type ?? '',
    size(o.data),
  ]),
  serviceaccounts: simple([], () => []),
  'leases.coordination.k8s.io': simple([column('Holder', 'Who holds it.')], (o) => [o.spec?.holderIdentity ?? '']),
  'runtimeclasses.node.k8s.io': simple([column('Handler', "The runtime's handler it stands for.")], (o) => [
    o.handler ?? '',
  ]),
  'priorityclasses.scheduling.k8s.io': {
    columns: [
      nameColumn,
      column('Value', 'The priority it gives.', 'integer'),
      column('Global-Default', 'Whether Pods without a class get it.', 'boolean'),
      ageColumn,
      wideColumn('PreemptionPolicy', 'Whether its Pods may displace others.'),
    ],
    cells: (o, now) => [
      o.metadata.name ?? '',
      o.value ?? 0,
      o.globalDefault ?? false,
      ageOf(o.metadata.creationTimestamp, now),
      o.preemptionPolicy ?? '',
    ],
  },
};

/** For resources without a printer of their own: the name and when it was created, as the API's default table. */
export const defaultPrinter: Printer = {
  columns: [nameColumn, column('Created At', 'When it was created.')],
  cells: ({ metadata }) => [metadata.name ?? '', metadata.creationTimestamp ?? '<unknown>'],
};
