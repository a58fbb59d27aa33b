/**
 * What an Event must say. Of core/v1 upstream asks little, for the sake of clients that are older than the rules, and
 * of events.k8s.io/v1 all of it. Objects are as stored; field names in errors are upstream's, whichever version it is.
 */
import { type FieldError, invalid, required } from '../../pod/field-error.ts';
import { qualifiedName } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { requiredName, sameJson } from '../../pod/validation/check.ts';

const TYPES = ['Normal', 'Warning'];
const MAX_WORD = 128;
const MAX_NOTE = 1024;
/** Events of what has no namespace stand in one of these. */
const HOMES = ['default', 'kube-system'];

const bytes = (text: string): number => new TextEncoder().encode(text).byteLength;

/** What holds in both versions. `reporter` is what the version calls who reports. */
export const eventErrors =
  (reporter: string) =>
  (event: KubeObject): FieldError[] => [
    ...placeErrors(event),
    // Who gives this time speaks the newer language.
    ...(event.eventTime
      ? [
          ...requiredName(qualifiedName, reporter, event.reportingComponent),
          ...wordErrors('reportingInstance', event.reportingInstance),
          ...wordErrors('action', event.action),
          ...wordErrors('reason', event.reason),
          ...atMost(MAX_NOTE, 'message', event.message),
        ]
      : []),
  ];

/** What a new event of events.k8s.io/v1 must say beside that, and must not. */
export const strictEventErrors = (event: KubeObject): FieldError[] => [
  ...seriesErrors(event),
  ...(event.eventTime ? [] : [required('eventTime')]),
  ...(TYPES.includes(event.type) ? [] : [invalid('type', '', `has invalid value: ${event.type ?? ''}`)]),
  ...(['firstTimestamp', 'lastTimestamp', 'count'] as const).flatMap((field) => unset(field, event[field])),
  ...unset('source', event.source?.component || event.source?.host),
];

/** What stays of an event of events.k8s.io/v1: it happens again, and is the same. */
export const eventChangeErrors = (next: KubeObject, old: KubeObject): FieldError[] => [
  ...(sameJson(next.series, old.series) ? [] : seriesErrors(next)),
  ...fixed.flatMap(([field, same, name = field]) =>
    same(next[field], old[field]) ? [] : [invalid(name, next[field], 'field is immutable')],
  ),
];

type Same = (a: unknown, b: unknown) => boolean;
const sameObject: Same = (a, b) => sameJson(a ?? {}, b ?? {});
const sameCount: Same = (a, b) => (a ?? 0) === (b ?? 0);
const sameMoment: Same = (a, b) => sameJson(toMicroseconds(a as string), toMicroseconds(b as string));

const fixed: [field: string, same: Same, name?: string][] = [
  ['involvedObject', sameObject],
  ['reason', sameJson],
  ['message', sameJson],
  ['source', sameObject],
  ['firstTimestamp', sameMoment],
  ['lastTimestamp', sameMoment],
  ['count', sameCount],
  ['type', sameJson],
  ['eventTime', sameMoment],
  ['action', sameJson],
  ['related', sameJson],
  ['reportingComponent', sameJson, 'reportingController'],
  ['reportingInstance', sameJson],
];

/** Clients cut finer ones off, each in its way. */
function toMicroseconds(time: string | undefined): [number, string] | undefined {
  if (!time) return undefined;
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  return [Math.floor(Date.parse(time) / 1000), fraction.slice(0, 6).padEnd(6, '0')];
}

function placeErrors({ metadata: { namespace = '' }, involvedObject = {}, eventTime }: KubeObject): FieldError[] {
  const about: string = involvedObject.namespace ?? '';
  const homes = eventTime ? HOMES : HOMES.slice(0, 1);
  const fits = about ? Boolean(eventTime) || about === namespace : homes.includes(namespace);
  return fits ? [] : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
}

function seriesErrors({ series }: KubeObject): FieldError[] {
  if (!series) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [required('series.lastObservedTime')]),
  ];
}

const wordErrors = (field: string, word: string | undefined): FieldError[] =>
  word ? atMost(MAX_WORD, field, word) : [required(field)];

const atMost = (max: number, field: string, text = ''): FieldError[] =>
  bytes(text) > max ? [invalid(field, '', `can have at most ${max} characters`)] : [];

const unset = (field: string, value: unknown): FieldError[] => (value ? [invalid(field, '', 'needs to be unset')] : []);
