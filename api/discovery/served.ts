/** What is served, group by group: the source of both forms of discovery and of the OpenAPI documents. */
import { resources } from '../registry/index.ts';
import type { Verb } from '../registry/resource.ts';
import { reviews } from '../reviews.ts';

export interface Served {
  plural: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  verbs: readonly Verb[];
  shortNames: readonly string[];
  categories: readonly string[];
  subresources: readonly { name: string; group: string; version: string; kind: string; verbs: readonly Verb[] }[];
}

export interface ServedGroup {
  group: string;
  version: string;
  resources: readonly Served[];
}

const registered = resources.map((r) => ({
  ...r,
  subresources: Object.entries(r.subresources).map(([name, s]) => ({
    name,
    group: s.group ?? r.group,
    version: s.version ?? r.version,
    kind: s.kind,
    verbs: s.verbs,
  })),
}));

const asked = reviews.map((review) => ({
  ...review,
  singular: review.kind.toLowerCase(),
  namespaced: false,
  verbs: ['create'] as const,
  shortNames: [],
  categories: [],
  subresources: [],
}));

const all = [...registered, ...asked];
const groups = [...new Set(all.map(({ group }) => group))];

/** One version a group; the core group first. */
export const servedGroups: readonly ServedGroup[] = groups.map((group) => ({
  group,
  version: 'v1',
  resources: all.filter((r) => r.group === group),
}));
