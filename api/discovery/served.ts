/** What is served, group by group: the source of both forms of discovery and of the OpenAPI documents. */
import { resources } from '../registry/index.ts';
import { type Operation, operationsOf } from '../registry/operations.ts';
import type { Strategy, Verb } from '../registry/resource.ts';
import { pathOf, reviews } from '../reviews.ts';

export interface Served {
  plural: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  verbs: readonly Verb[];
  shortNames: readonly string[];
  categories: readonly string[];
  subresources: readonly { name: string; group: string; version: string; kind: string; verbs: readonly Verb[] }[];
  operations: readonly Operation[];
  /** Absent for what is answered and not kept. */
  strategy?: Strategy;
}

export interface ServedGroup {
  group: string;
  version: string;
  resources: readonly Served[];
}

const registered = resources.map((r) => ({
  ...r,
  operations: operationsOf(r),
  subresources: Object.entries(r.subresources).flatMap(
    ([name, { kind, group = r.group, version = r.version, verbs }]) =>
      kind ? [{ name, group, version, kind, verbs }] : [],
  ),
}));

const asked = reviews.map((review) => ({
  ...review,
  singular: review.kind.toLowerCase(),
  namespaced: false,
  verbs: ['create'] as const,
  shortNames: [],
  categories: [],
  subresources: [],
  operations: [{ path: pathOf(review), method: 'POST', verb: 'create' }] satisfies Operation[],
}));

const all: readonly (Served & { group: string })[] = [...registered, ...asked];
const groups = [...new Set(all.map(({ group }) => group))];

/** One version a group; the core group first. */
export const servedGroups: readonly ServedGroup[] = groups.map((group) => ({
  group,
  version: 'v1',
  resources: all.filter((r) => r.group === group),
}));
