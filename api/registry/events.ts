/** Events: stored as core/v1, served under events.k8s.io/v1 as well, where the same fields have other names. */
import { invalid } from '../../pod/field-error.ts';
import type { KubeObject } from '../../pod/types.ts';
import { plain } from './plain.ts';
import { resource } from './resource.ts';

/** Wire name in events.k8s.io/v1 to stored name in core/v1. */
const renamed = {
  regarding: 'involvedObject',
  note: 'message',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
} as const;

const rename = (object: KubeObject, names: Record<string, string>, apiVersion: string): KubeObject =>
  ({
    ...Object.fromEntries(Object.entries(object).map(([key, value]) => [names[key] ?? key, value])),
    apiVersion,
  }) as KubeObject;

const toStored = renamed as Record<string, string>;
const toWire = Object.fromEntries(Object.entries(renamed).map(([wire, stored]) => [stored, wire]));

const base = plain({
  namespaced: true,
  createsOnUpdate: true,
  validate: ({ metadata, involvedObject = {} }) =>
    !involvedObject.namespace || involvedObject.namespace === metadata.namespace
      ? []
      : [invalid('involvedObject.namespace', involvedObject.namespace, "must be the event's namespace")],
});

const strategy = { ...base, deletion: { ...base.deletion, ownsNothing: true } };

const names = { plural: 'events', kind: 'Event', shortNames: ['ev'], namespaced: true, strategy };

export const events = resource(names);

export const eventsV1 = resource({
  ...names,
  group: 'events.k8s.io',
  storage: 'events',
  view: {
    toWire: (stored) => rename(stored, toWire, 'events.k8s.io/v1'),
    // What it is about need not be said here; core/v1 has the field always.
    toStored: (wire) => ({ involvedObject: {}, ...rename(wire, toStored, 'v1') }),
  },
});
