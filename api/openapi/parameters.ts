/** The parameters of requests. Those in a query are read in `../decode/` and by the verbs. */
import type { Operation } from '../registry/operations.ts';
import type { Query, Verb } from '../registry/resource.ts';

const selecting: Query = {
  continue: 'string',
  fieldSelector: 'string',
  labelSelector: 'string',
  limit: 'integer',
  resourceVersion: 'string',
  resourceVersionMatch: 'string',
};
const watching: Query = {
  allowWatchBookmarks: 'boolean',
  sendInitialEvents: 'boolean',
  timeoutSeconds: 'integer',
  watch: 'boolean',
};
const writing: Query = { dryRun: 'string', fieldManager: 'string', fieldValidation: 'string' };
const deleting: Query = {
  dryRun: 'string',
  gracePeriodSeconds: 'integer',
  orphanDependents: 'boolean',
  propagationPolicy: 'string',
};

const queries: Record<Verb, Query> = {
  create: writing,
  delete: deleting,
  deletecollection: { ...selecting, ...deleting },
  get: {},
  list: { ...selecting, ...watching },
  patch: { ...writing, force: 'boolean' },
  update: writing,
  watch: {},
};

/** What the query of an operation may say. */
export function queryParameters({ verb, sub }: Operation): object[] {
  const query = { ...(sub?.isStream ? {} : { ...queries[verb], pretty: 'string' as const }), ...sub?.query };
  return Object.entries(query)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, type]) => ({ name, in: 'query', schema: { type } }));
}

/** What a path is filled in with. */
export const pathParameters = (path: string): object[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
