/** What makes up a kind that is served: names and behaviour, as data that the verbs work on. */
import { type FieldError, invalid } from '../../pod/field-error.ts';
import type { KubeObject } from '../../pod/types.ts';
import type { Store, StoredObject } from '../../store/port.ts';
import type { ApiDeps } from '../deps.ts';
import type { Named } from '../errors.ts';
import { equal } from '../objects/equal.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

const allVerbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What a client may change through one path, and what keeps its stored state. */
export interface UpdateStrategy {
  /** The client's object with everything put back that this path does not change. */
  prepare(next: KubeObject, old: KubeObject): KubeObject;
  validate(next: KubeObject, old: KubeObject): FieldError[];
  /** Looks at what else is there, before the write; what comes of it completes `next`, or throws when it may not be. */
  admission?(store: Pick<Store, 'list'>): Promise<(next: KubeObject, old: KubeObject) => KubeObject>;
}

/** How an object goes; a plain one is removed at once when no finalizer holds it. */
export interface DeletionStrategy {
  /** Seconds between the request and the end; `asked` is what the client wants. */
  grace?(object: KubeObject, asked: number | undefined): number;
  /** Marks what shows that it is going, besides the timestamp. */
  begin?(object: KubeObject): KubeObject;
  /** True while something other than metadata.finalizers holds it. */
  held?(object: KubeObject): boolean;
  /** Answer with the last state of what was removed, not with a Status; which kinds do is upstream's choice. */
  showsObject?: boolean;
  /** True for kinds that garbage collection leaves alone: nothing goes with them, and they go with nothing. */
  ownsNothing?: boolean;
  /** Why it may never go; undefined when it may. */
  refusal?(object: KubeObject): string | undefined;
}

export interface CreateStrategy {
  /** The client's object as it begins its life. May look at what else is there. */
  prepare?(object: KubeObject, deps: Pick<ApiDeps, 'store' | 'now'>): KubeObject | Promise<KubeObject>;
  validate(object: KubeObject): FieldError[];
  /** What its creator should know of it as it is stored. */
  warnings?(object: KubeObject): string[];
}

export interface Strategy {
  /** Fills in what the client left out. Applied to what is created and to what is updated. */
  defaults?(object: KubeObject): KubeObject;
  create: CreateStrategy;
  update: UpdateStrategy;
  /** A PUT of what is not there creates it; of which kinds is upstream's choice. */
  createsOnUpdate?: boolean;
  /** Who replaces one must say which state of it they have seen; again of which kinds is upstream's choice. */
  replacesKnown?: boolean;
  deletion: DeletionStrategy;
}

/** The types of parameters in a query, by name. */
export type Query = Readonly<Record<string, 'string' | 'integer' | 'boolean'>>;

/** A path below an object: the object itself by another rule (`update`), an action (`../subresources/`) or a stream. */
export interface Subresource {
  group?: string;
  version?: string;
  /** Absent where it is durapod's own: Kubernetes has no kind for it, and discovery is silent of it. */
  kind?: string;
  verbs: readonly Verb[];
  update?: UpdateStrategy;
  /** What its query says, beside what its verb takes unless it is a stream. */
  query?: Query;
  /** Answered in `../streams/`. */
  isStream?: boolean;
  /** What it answers with, where that is not an object of its kind; without a type nothing comes back over HTTP. */
  answer?: { code: 101 | 200 | 201 | 'default'; type?: string; isStatus?: boolean };
  /** Everything behind its path is its own as well. */
  hasPathsBelow?: boolean;
}

export interface Resource extends Named {
  version: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  verbs: readonly Verb[];
  /** Its name in the store's keys. */
  storage: string;
  strategy: Strategy;
  subresources: Readonly<Record<string, Subresource>>;
  /** Where the wire form differs from the stored one: there and back. */
  view?: { toWire(stored: KubeObject): KubeObject; toStored(wire: KubeObject): KubeObject };
  /** Adds to what is read what is not written into it, because others know it. */
  completed?(store: Pick<Store, 'list'>): Promise<(object: StoredObject) => StoredObject>;
}

type Given = Partial<Resource> & Pick<Resource, 'plural' | 'kind' | 'namespaced' | 'strategy'>;

/** A resource with the usual filled in: core/v1, all verbs, stored under its own name. */
export function resource(given: Given): Resource {
  const group = given.group ?? '';
  return {
    group,
    version: 'v1',
    singular: given.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    verbs: allVerbs,
    storage: group ? `${given.plural}.${group}` : given.plural,
    subresources: {},
    ...given,
  };
}

/** `/status`: metadata and status are the client's, everything else stays. */
export const statusUpdate = (validate: UpdateStrategy['validate'] = () => []): UpdateStrategy => ({
  prepare: (next, old) => {
    const { ownerReferences: _, ...metadata } = next.metadata;
    const { ownerReferences } = old.metadata;
    return {
      ...old,
      metadata: ownerReferences ? { ...metadata, ownerReferences } : metadata,
      ...(next.status === undefined ? {} : { status: next.status }),
    };
  },
  validate,
});

/** The main path of a kind with status: status stays as it is. */
export const keepStatus = (next: KubeObject, old: KubeObject): KubeObject => {
  const { status: _, ...rest } = next;
  return old.status === undefined ? rest : { ...rest, status: old.status };
};

/** An error when `field` differs, for fields that never change. */
export const unchanged = (field: string, next: unknown, old: unknown): FieldError[] =>
  equal(next, old) ? [] : [invalid(field, next, 'field is immutable')];
