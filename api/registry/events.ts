/** Events: stored as core/v1, served under events.k8s.io/v1 as well, where the same fields have other names. */
import { pathSegment } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { eventChangeErrors, eventErrors, strictEventErrors } from './event-rules.ts';
import { type Plain, plain } from './plain.ts';
import { resource, type Strategy } from './resource.ts';

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

const common = { plural: 'events', kind: 'Event', shortNames: ['ev'], namespaced: true };

const strategyOf = (rules: Omit<Plain, 'namespaced'>): Strategy => {
  const base = plain({ namespaced: true, createsOnUpdate: true, ...rules });
  return { ...base, deletion: { ...base.deletion, ownsNothing: true } };
};

export const events = resource({
  ...common,
  strategy: strategyOf({ nameRule: pathSegment, validate: eventErrors('reportingComponent') }),
});

export const eventsV1 = resource({
  ...common,
  group: 'events.k8s.io',
  storage: 'events',
  strategy: strategyOf({
    validate: eventErrors('reportingController'),
    validateNew: strictEventErrors,
    validateUpdate: eventChangeErrors,
  }),
  view: {
    toWire: (stored) => rename(stored, toWire, 'events.k8s.io/v1'),
    // What it is about need not be said here; core/v1 has the field always.
    toStored: (wire) => ({ involvedObject: {}, ...rename(wire, toStored, 'v1') }),
  },
});
