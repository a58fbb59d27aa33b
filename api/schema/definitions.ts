/**
 * Kubernetes' own JSON schema, read into types that the decoder and the strategic merge walk. The definitions come from
 * a package (see `load.ts`); nothing of them is written down here.
 */

/** A node of the published schema, as far as it is used. */
export interface Definition {
  $ref?: string;
  description?: string;
  type?: string | string[];
  format?: string;
  default?: unknown;
  properties?: Record<string, Definition>;
  required?: string[];
  items?: Definition;
  additionalProperties?: Definition | boolean;
  oneOf?: Definition[];
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-patch-strategy'?: string;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: string;
  [key: string]: unknown;
}

/** What a value must be. */
export type Type =
  | { kind: 'object'; name?: string; fields: ReadonlyMap<string, Field>; required: readonly string[]; atomic: boolean }
  | { kind: 'map'; values: Type; atomic: boolean }
  | { kind: 'list'; items: Type; identity: ListIdentity }
  | { kind: 'integer'; bits: 32 | 64 }
  | { kind: 'string' | 'bytes' | 'time' | 'microTime' | 'quantity' | 'intOrString' | 'number' | 'boolean' | 'any' };

/** By what server-side apply tells the items of a list apart: not at all, by their value, or by these fields of theirs. */
export type ListIdentity = 'none' | 'value' | readonly string[];

/** A field of an object: its type, and how a strategic merge patch treats it. */
export interface Field {
  /** Resolved when asked for: types may contain themselves. */
  type(): Type;
  patch: { merge: boolean; retainKeys: boolean; mergeKey?: string };
}

function identityOf(d: Definition): ListIdentity {
  const kind = d['x-kubernetes-list-type'];
  return kind === 'map' ? (d['x-kubernetes-list-map-keys'] ?? 'none') : kind === 'set' ? 'value' : 'none';
}

const REF = '#/$defs/';
const special: Record<string, Type> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { kind: 'quantity' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': { kind: 'time' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': { kind: 'microTime' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { kind: 'intOrString' },
};

/** The definitions by name, and the types made of them (each made once). */
export class KubernetesSchema {
  readonly #definitions: Record<string, Definition>;
  readonly #types = new Map<string, Type>();
  readonly #kinds = new Map<string, Type>();

  constructor(definitions: Record<string, Definition>) {
    this.#definitions = definitions;
  }

  /** @throws when the schema has no such definition: it is of another version than the registry expects. */
  definition(name: string): Definition {
    const found = this.#definitions[name];
    if (!found) throw new Error(`the Kubernetes schema has no ${name}: fetch the version that durapod names`);
    return found;
  }

  /** The name of the definition of a kind, if there is one. */
  find(group: string, version: string, kind: string): string | undefined {
    const matches = (d: Definition): boolean =>
      (d['x-kubernetes-group-version-kind'] ?? []).some(
        (k) => k.group === group && k.version === version && k.kind === kind,
      );
    return Object.keys(this.#definitions).find((key) => matches(this.#definitions[key]!));
  }

  /** The name of the definition of a kind that must be there. */
  nameOf(group: string, version: string, kind: string): string {
    const name = this.find(group, version, kind);
    if (!name) throw new Error(`the Kubernetes schema has no ${kind} in ${group || 'core'}/${version}`);
    return name;
  }

  /** The type of a kind. */
  typeOf({ group, version, kind }: { group: string; version: string; kind: string }): Type {
    const id = `${group}/${version}/${kind}`;
    const type = this.#kinds.get(id) ?? this.type(this.nameOf(group, version, kind));
    this.#kinds.set(id, type);
    return type;
  }

  /** The type of a named definition. */
  type(name: string): Type {
    const known = this.#types.get(name) ?? special[name];
    if (known) return known;
    const made = this.#make(this.definition(name), name);
    this.#types.set(name, made);
    return made;
  }

  #resolve(definition: Definition): Type {
    return definition.$ref ? this.type(definition.$ref.slice(REF.length)) : this.#make(definition);
  }

  #make(d: Definition, name?: string): Type {
    if (d.$ref) return this.#resolve(d);
    const type = [d.type].flat().find((t) => t !== 'null');
    const atomic = d['x-kubernetes-map-type'] === 'atomic';
    if (d.properties) {
      const fields = new Map(Object.entries(d.properties).map(([key, value]) => [key, this.#field(value)]));
      return { kind: 'object', name, fields, required: d.required ?? [], atomic };
    }
    if (typeof d.additionalProperties === 'object') {
      return { kind: 'map', values: this.#resolve(d.additionalProperties), atomic };
    }
    if (type === 'array') {
      const items: Type = d.items ? this.#resolve(d.items) : { kind: 'any' };
      return { kind: 'list', items, identity: identityOf(d) };
    }
    if (type === 'integer') return { kind: 'integer', bits: d.format === 'int32' ? 32 : 64 };
    if (type === 'string') return { kind: d.format === 'byte' ? 'bytes' : 'string' };
    if (type === 'number' || type === 'boolean') return { kind: type };
    return { kind: 'any' };
  }

  #field(d: Definition): Field {
    const strategies = d['x-kubernetes-patch-strategy']?.split(',') ?? [];
    let type: Type | undefined;
    return {
      type: () => {
        type ??= this.#resolve(d);
        return type;
      },
      patch: {
        merge: strategies.includes('merge'),
        retainKeys: strategies.includes('retainKeys'),
        mergeKey: d['x-kubernetes-patch-merge-key'],
      },
    };
  }
}
