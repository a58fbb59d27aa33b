/**
 * Sets of fields, as managedFields has them (Kubernetes docs, "Server-Side Apply"; KEP-555): a tree by path segments,
 * `f:<name>` for a field, `k:<keys>` and `v:<value>` for items of lists.
 */

export interface FieldSet {
  /** The place itself is in the set. */
  readonly member: boolean;
  readonly below: ReadonlyMap<string, FieldSet>;
}

/** A set as it is written; a place with nothing below it is in the set. */
export interface FieldsV1 {
  [segment: string]: FieldsV1;
}

export const none: FieldSet = { member: false, below: new Map() };
export const leaf: FieldSet = { member: true, below: new Map() };

export const isEmpty = ({ member, below }: FieldSet): boolean => !member && below.size === 0;

/** What is below a segment. */
export const at = (set: FieldSet, segment: string): FieldSet => set.below.get(segment) ?? none;

function combine(a: FieldSet, b: FieldSet, keep: (inA: boolean, inB: boolean) => boolean): FieldSet {
  const below = new Map<string, FieldSet>();
  for (const segment of new Set([...a.below.keys(), ...b.below.keys()])) {
    const part = combine(at(a, segment), at(b, segment), keep);
    if (!isEmpty(part)) below.set(segment, part);
  }
  return { member: keep(a.member, b.member), below };
}

export const union = (...sets: FieldSet[]): FieldSet =>
  sets.reduce((a, b) => combine(a, b, (inA, inB) => inA || inB), none);
export const difference = (a: FieldSet, b: FieldSet): FieldSet => combine(a, b, (inA, inB) => inA && !inB);
export const intersection = (a: FieldSet, b: FieldSet): FieldSet => combine(a, b, (inA, inB) => inA && inB);
export const same = (a: FieldSet, b: FieldSet): boolean => isEmpty(difference(a, b)) && isEmpty(difference(b, a));

/** The set without some places below its root and all below them. */
export function without(set: FieldSet, paths: readonly (readonly string[])[]): FieldSet {
  const below = new Map<string, FieldSet>();
  for (const [segment, part] of set.below) {
    const inside = paths.filter(([first]) => first === segment).map((path) => path.slice(1));
    if (inside.some((path) => path.length === 0)) continue;
    const left = inside.length > 0 ? without(part, inside) : part;
    if (!isEmpty(left)) below.set(segment, left);
  }
  return { member: set.member, below };
}

/** As managedFields has it. */
export function toFieldsV1({ member, below }: FieldSet, depth = 0): FieldsV1 {
  return {
    ...(member && depth > 0 && below.size > 0 ? { '.': {} } : {}),
    ...Object.fromEntries([...below].map(([segment, part]) => [segment, toFieldsV1(part, depth + 1)])),
  };
}

/** From what managedFields has. */
export function fromFieldsV1(fields: FieldsV1, depth = 0): FieldSet {
  const entries = Object.entries(fields);
  return {
    member: depth > 0 && (entries.length === 0 || '.' in fields),
    below: new Map(
      entries
        .filter(([segment]) => segment !== '.')
        .map(([segment, part]): [string, FieldSet] => [segment, fromFieldsV1(part, depth + 1)]),
    ),
  };
}

/** Every place in the set, as errors write it: `.spec.containers[name="main"].image`. */
export const paths = (set: FieldSet, path = ''): string[] => [
  ...(set.member ? [path] : []),
  ...[...set.below].flatMap(([segment, part]) => paths(part, path + spelled(segment))),
];

/** A segment of a path, as errors write it. */
export function spelled(segment: string): string {
  const text = segment.slice(2);
  if (segment.startsWith('f:')) return `.${text}`;
  if (segment.startsWith('v:')) return `[=${text}]`;
  const keys = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
}
