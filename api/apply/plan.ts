/**
 * What becomes of an object and of its managers when somebody applies a configuration, or writes otherwise. Source of
 * the rules: Kubernetes docs, "Server-Side Apply", and KEP-555. An object is tracked from its first apply on: until then
 * nobody's fields are of interest, and writes stay cheap.
 */
import type { KubeObject } from '../../pod/types.ts';
import { equal } from '../objects/equal.ts';
import type { Type } from '../schema/definitions.ts';
import { difference, type FieldSet, intersection, isEmpty, none, same, union, without } from './field-set.ts';
import { compare, fieldsOf } from './fields-of.ts';
import { type Manager, type ManagerId, managersOf, sameManager, withManagers } from './managers.ts';
import { merged, pruned } from './merge.ts';

/** Holds what an object had before it was first applied. */
const BEFORE = 'before-first-apply';
/** As which kubectl writes when it applies by itself. */
const CLIENT_SIDE = 'kubectl-client-side-apply';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Only the server sets these. */
const systemPaths = [
  ['f:apiVersion'],
  ['f:kind'],
  ...[
    'creationTimestamp',
    'deletionGracePeriodSeconds',
    'deletionTimestamp',
    'generation',
    'managedFields',
    'name',
    'namespace',
    'resourceVersion',
    'selfLink',
    'uid',
  ].map((name) => ['f:metadata', `f:${name}`]),
];

const tracked = (set: FieldSet, untouched: readonly string[]): FieldSet => ({
  ...without(set, [...systemPaths, ...untouched.map((name) => [`f:${name}`])]),
  member: false,
});

/** Somebody writes to one side of an object. */
export interface Write {
  type: Type;
  manager: ManagerId;
  /** Top-level fields that this side does not change (`status` beside the object, `spec` beside its status). */
  untouched: readonly string[];
  /** RFC 3339. */
  time: string;
}

/** Fields that others manage and that the configuration wants otherwise. */
export interface FieldConflict {
  manager: Manager;
  fields: FieldSet;
}

export type Applied = { object: KubeObject } | { conflicts: FieldConflict[] };

/** `live` (absent: it is to be created) with `config` applied, its managers included; or what stands against it. */
export function planApply(write: Write, live: KubeObject | undefined, config: KubeObject, force: boolean): Applied {
  const { type, manager, untouched, time } = write;
  const known = live ? managersOf(live) : [];
  const managers = live && known.length === 0 ? beforeFirstApply(write, live) : known;
  const others = managers.filter((other) => !sameManager(other, manager));
  const before = managers.find((other) => sameManager(other, manager));
  const fields = tracked(fieldsOf(type, config), untouched);
  const kept = union(fields, ...others.map((other) => other.fields));
  const gone = difference(before?.fields ?? none, kept);
  const object = pruned(type, merged(type, live ?? {}, sideOf(config, untouched)), gone, kept) as KubeObject;
  const { changed, removed } = compare(type, live ?? {}, object);
  const conflicts = others
    .map((other) => ({ manager: other, fields: intersection(other.fields, changed) }))
    .filter((conflict) => !isEmpty(conflict.fields));
  if (conflicts.length > 0 && !force && !tookOver(write, live, conflicts)) return { conflicts };
  const mine = { ...manager, fields, time };
  return { object: withManagers(object, written(managers, mine, union(changed, removed))) };
}

/** `next` with its managers brought up to date after a write other than apply. Untracked objects stay so. */
export function planTracking(write: Write, old: KubeObject, next: KubeObject): KubeObject {
  const managers = managersOf(next);
  if (managers.length === 0 || equal(bare(old), bare(next))) return next;
  const { type, manager, untouched, time } = write;
  const { changed, removed } = compare(type, old, next);
  const mine = tracked(changed, untouched);
  const before = managers.find((other) => sameManager(other, manager));
  const fields = difference(union(before?.fields ?? none, mine), removed);
  const isSame = before && same(before.fields, fields);
  const writer = { ...manager, fields, time: isSame ? before.time : time };
  return withManagers(next, written(managers, writer, union(mine, removed)));
}

/** The managers after one of them wrote; the others lose the fields it `took`. */
function written(managers: Manager[], writer: Manager, took: FieldSet): Manager[] {
  const others = managers.map((other) =>
    sameManager(other, writer) ? writer : { ...other, fields: difference(other.fields, took) },
  );
  return others.includes(writer) ? others : [...others, writer];
}

const bare = ({ metadata: { managedFields: _1, resourceVersion: _2, ...metadata }, ...object }: KubeObject) => ({
  ...object,
  metadata,
});

const sideOf = (config: KubeObject, untouched: readonly string[]): object =>
  Object.fromEntries(Object.entries(config).filter(([name]) => !untouched.includes(name)));

/** Who held what before the first apply: what kubectl's own apply set is known by its annotation. */
function beforeFirstApply({ type, manager, untouched, time }: Write, live: KubeObject): Manager[] {
  const { apiVersion } = manager;
  const of = (containers: boolean) => tracked(fieldsOf(type, live, containers), [...untouched, 'status']);
  const byKubectl = intersection(of(false), lastApplied(type, live) ?? none);
  return [
    { name: BEFORE, fields: difference(of(true), byKubectl) },
    { name: CLIENT_SIDE, fields: byKubectl },
  ].map((held) => ({ ...held, operation: 'Update', subresource: '', apiVersion, time }));
}

/**
 * kubectl that goes from its own apply to the server's may change what it applied before: that is written in its
 * annotation, whoever holds it.
 */
function tookOver({ type, manager }: Write, live: KubeObject | undefined, conflicts: FieldConflict[]): boolean {
  const applied = live && manager.name === 'kubectl' ? lastApplied(type, live) : undefined;
  return applied !== undefined && conflicts.every(({ fields }) => isEmpty(difference(fields, applied)));
}

/** What kubectl's own apply set last, with the annotation that says so; undefined when there is none that can be read. */
function lastApplied(type: Type, { metadata }: KubeObject): FieldSet | undefined {
  const text = metadata.annotations?.[LAST_APPLIED];
  if (!text) return undefined;
  try {
    const annotation = { metadata: { annotations: { [LAST_APPLIED]: text } } };
    return union(fieldsOf(type, JSON.parse(text)), fieldsOf(type, annotation));
  } catch {
    // Not JSON: it tells nothing.
    return undefined;
  }
}
